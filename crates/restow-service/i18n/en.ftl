### Texts of restow-service: one message per code. `help` is the next action of the operator.

## Setting up and running a service

service-already-initialized = { $path } already has a service.
    .help = Choose another folder. Restow never overwrites keys.
service-unfinished = The service in { $path } is incomplete: service.json is missing.
    .help = If a service ran here, restore service.json from a copy of the folder. Otherwise empty the folder, then: restow admin init
service-not-initialized = { $path } has no service.
    .help = Set one up first: restow admin init
service-file = { $path }: { $cause }.
    .help =
    { $cause_code ->
        [io-read-only] Choose a folder on a writable drive.
        [io-full] Free some space there.
       *[other] Check that the folder exists and that this user may read and write it.
    }
service-file-malformed = The file { $path } is damaged. { $text }
    .help = Restore the file from a copy of the service's folder.
service-setting =
    { $name ->
        [url] This cannot be the address of a service.
        [contact] The contact must have 1 to 500 printable characters.
        [privacy_url] The address of the privacy page must begin with https://.
        [root] This is the root key of another service.
       *[other] The setting { $name } is not allowed: { $text }
    }
    .help =
    { $name ->
        [url] Give https:// and a host, perhaps with a port, but no path. http:// is only for this computer (localhost, 127.0.0.1, [::1]).
        [root] Choose the root.key that restow admin init made for this service: --root FILE
       *[other] Correct the value.
    }
service-database = The database { $path } cannot be opened. { $text }
    .help = Check the disk, or restore the database from a copy of the service's folder.
service-database-too-new = A newer Restow wrote the database { $path } (version { $version }).
    .help = Use the newer Restow.
service-no-root = The root key { $path } is missing.
    .help = Name its place: --root FILE
service-keys-full = The key set of the service has no room for new keys.
    .help = Remove retired keys with --revoke-all. What they signed is then valid only with a grant of the service.
service-in-use = { $process ->
        [none] Another program uses { $path }.
       *[other] Another program uses { $path } (process { $process }).
    }
    .help = If it is a server, stop it first; otherwise wait until it ends.
service-listen = The service cannot listen on { $address }: { $cause }.
    .help = Choose another address (--listen ADDR), or stop the program that listens there.
service-system = The system has too few resources for a service: { $cause }.
    .help = Free memory or raise the limits of this user, then try again.

## Terms of licenses

terms-key-ids = “key_ids” must have 1 to 64 entries.
    .help = Correct the terms. Nothing was issued.
terms-key-id = “{ $name }” is not a key ID.
    .help = Correct the terms. Nothing was issued.
terms-key-id-twice = The key ID { $name } is listed twice.
    .help = Correct the terms. Nothing was issued.
terms-title = “title” must have 1 to 1,000 printable characters, or be absent.
    .help = Correct the terms. Nothing was issued.
terms-rights = “rights” has more than 64 entries.
    .help = Correct the terms. Nothing was issued.
terms-unknown-right = “{ $name }” is not a right. Rights are: { $list }.
    .help = Correct the terms. Nothing was issued.
terms-no-right = “rights” must have a right other than Backup, such as Play.
    .help = Correct the terms. Nothing was issued.
terms-backup-limits = The right Backup has no limits.
    .help = Correct the terms. Nothing was issued.
terms-range = “{ $member }” must be { $least } to { $most }, or be absent.
    .help = Correct the terms. Nothing was issued.
terms-past = “{ $member }” is in the past.
    .help = Correct the terms. Nothing was issued.
terms-order = “{ $first }” must be earlier than “{ $second }”.
    .help = Correct the terms. Nothing was issued.
