### Texts of the command restow. Every message and attribute here is in every language, with the same values.
###
### Terms, with the German term in parentheses:
###   backup location, LOCATION (Sicherungsort, ORT): folder or drive that the user chose for backups
###   backup (Sicherung); set (Satz): backup of one computer at a location; generation (Generation)
###   back up (sichern), restore (wiederherstellen), put back (zurücklegen), fetch (holen), scan (erfassen)
###   computer (Computer): one installation; Restow's folder (Ordner von Restow): folder of --home
###   register (anmelden), confirm (bestätigen), refuse (ablehnen), release (freigeben), withdraw (zurückziehen)
###   restore key (Wiederherstellungsschlüssel); holder (Inhaber)
###   service (Dienst): issues native licenses; License Management Service (Lizenzdienst)
###   provider (Anbieter): library or shop (Bibliothek oder Shop) that issues LCP licenses; issuer (Aussteller): either
###   license (Lizenz), loan (Ausleihe); expired (abgelaufen), returned (zurückgegeben), revoked (widerrufen),
###   cancelled (storniert), ended (beendet), pending (ausstehend)
###   book (Buch): file with an LCP license, also an audiobook, comic or PDF; reading app (Leseprogramm)
###   embedded license: “in the book” (im Buch); damaged (beschädigt); key ID (Schlüssel-ID)
###   signature (Signatur), root certificate (Stammzertifikat); trust (vertrauen), distrust (misstrauen)
###
### A message says what happened, then one action. Counts are digits with real singular and plural.

## Help: one message for each command, one attribute for each argument

help = Back up and restore your media licenses
    .home = Restow's folder (or RESTOW_HOME)
    .json = Print JSON for programs, one object a line
    .lang = Language: en or de
    .help = Show help
    .version = Show the version
    .after = Restow copies licenses, not the files that they unlock. To begin: restow import FOLDER adds licenses, also those in books; restow scan FOLDER learns titles; restow backup LOCATION makes a backup.
help-scan = Find protected files and remember their titles
    .paths = Files and folders
help-files = List the scanned files
help-file = Explain one file: its protection, its key IDs, its licenses
    .path = The file
help-import = Add licenses from files, books and ZIP archives
    .paths = Files and folders; licenses are recognized by their content
help-acquire = Get licenses with a one-time link, or for protected files
    .sources = A link from a shop or library, protected files, or key IDs
    .register = Agree to register this computer with the service
    .name = Name of this computer, as the service shows it
help-licenses = List the licenses on this computer
    .check = Also verify the signatures of LCP licenses; exit status 1 if one is invalid
    .user = Also show the person each LCP license was issued to, if it is not encrypted
help-forget = Remove a license from this computer, or with --from from its backups
    .license = The license ID
    .issuer = Issuer of the license, if several issuers use this ID
    .from = Remove the license from all backups of this computer at LOCATION instead
    .yes = Do not ask, even if no backup has the license
help-can = Check if an action is allowed
    .target = A file, a key ID, or a license ID
    .action = The action: Play, Copy, Print … [Play]
    .count-one = Count one use
help-why = Show all facts about a license, with their sources
    .target = A file, a key ID, or a license ID
help-status = Show what is in a backup, what is at risk, and what would be lost tonight
help-backup = Back up the licenses of this computer
    .location = A folder or drive of your choice
    .dry-run = Show the result and change nothing
    .name = Name of this computer, as the backup shows it
    .keep = Number of backups of this computer to keep, at least 2 [10]
help-restore = Restore licenses from a backup
    .location = Folder or drive with the backup
    .dry-run = Show the result; change nothing and contact no service or provider
    .only = Only these license IDs
    .register = Agree to register this computer with the services, and to contact the providers of LCP licenses
    .adopt = Take over licenses of another holder: another person, or you before this computer was registered
    .set = Only this set, by the first characters of its ID
    .generation = This generation instead of the newest, a number from 1
    .name = Name of this computer, if it must be registered
help-backups = List known backups, or the backups at a location
    .location = Folder or drive with backups
help-show = Show the licenses in a backup, and those missing from it
    .location = Folder or drive with the backup
    .set = Only this set, by the first characters of its ID
    .generation = This generation instead of the newest, a number from 1
help-export = Write licenses as files, for reading apps and other programs
    .location = Folder or drive with a backup; without it, the licenses on this computer are written
    .folder = Folder for the files; existing files in it stay unchanged
    .set = Only this set of the backup, by the first characters of its ID
    .generation = This generation of the backup instead of the newest, a number from 1
help-put-back = Put LCP licenses into and beside their books, where reading apps look for them
    .path = Folder with your books; without it, the scanned folders. With --license, one book
    .fetch = Agree to download missing books whose license has a hash and states at most 4 GiB
    .license = Put this license into the book
    .issuer = Issuer of the license, if several providers use this ID
    .yes = Replace another license of yours in the book, or an unreadable one, without asking
help-verify = Check every byte of a backup (also: check)
    .location = Folder or drive with the backup
help-computer = Show and manage your computers
help-computer-show = Show this computer and your others
help-computer-register = Register this computer with a service
    .service = Name, address or fingerprint of the service
    .name = Name of this computer, as the service shows it
help-computer-release = Release a computer, so that another can hold its licenses
    .computer = Its name, or the first characters of its ID
    .withdraw-keys = Also withdraw the restore keys in its backups
    .yes = Do not ask
help-computer-confirm = Confirm a computer that joined from a backup
    .computer = Its name, or the first characters of its ID
help-computer-refuse = Refuse an unconfirmed computer, or a waiting release
    .computer = Its name, or the first characters of its ID
help-computer-withdraw-key = Withdraw the restore keys in all backups of a computer
    .computer = Its name, or the first characters of its ID
help-service = Manage the services you trust
help-service-list = List the services
help-service-add = Show the name and fingerprint of a service, then trust it
    .url = Address of the service
    .yes = Do not ask
help-service-remove = Stop trusting a service; its licenses stay
    .service = Name, address or fingerprint
    .yes = Do not ask
help-provider = Manage the providers (libraries and shops) that Restow may contact about LCP licenses
help-provider-list = List the providers
help-provider-allow = Allow contact with a provider
    .url = Its address, with https://; http:// only for private addresses
help-provider-remove = Stop contact with a provider; its licenses stay
    .url = Its address
help-renew = Renew a loan
    .license = The license ID
    .issuer = Issuer of the license, if several providers use this ID
    .until = New end, a day (2026-12-31) or time; without it, as late as the provider allows
    .yes = Contact the provider without asking
help-return = Return a loan early; its license stays here but opens nothing any more
    .license = The license ID
    .issuer = Issuer of the license, if several providers use this ID
    .yes = Do not ask
help-refresh = Ask providers and services for the state of licenses, and fetch newer ones
    .licenses = Only these license IDs; without them, all
    .issuer = Issuer of the licenses, if several providers use an ID
    .yes = Contact the providers without asking
help-roots = Manage the root certificates that you trust for signatures of LCP licenses
help-roots-list = List the certificates that you trust or distrust
help-roots-add = Trust the root certificate of a license authority
    .file = The certificate, in PEM or DER
help-roots-distrust = Distrust a provider or root certificate: its licenses stay, are shown as invalid, and never replace others
    .file = The certificate, or a license of the provider
help-roots-remove = Remove a certificate from its list
    .fingerprint = First characters of its fingerprint
help-serve = Run a License Management Service
    .folder = Folder that admin init made
    .listen = Address and port; port 0 takes a free one [the service's address if it is on this computer, else 127.0.0.1:8080]
help-admin = Set up and operate a License Management Service
help-admin-init = Make the folder and keys of a new service
    .folder = A new folder
    .name = Name of the service, as it is shown
    .url = Public address of the service
    .contact = Contact for holders who reach a limit: a mail address, a web page, or a sentence
    .privacy-url = Web page with the privacy policy
help-admin-issue = Issue licenses and print a one-time link
    .file = JSON array of terms; - reads standard input
    .key-id = Key ID of a single license; may be repeated
    .title = Title of the license
    .right = A right, with a count if limited; may be repeated
    .backup = Allow backups of the license
    .computers = Number of computers that may hold the license
    .holder = Let only this holder redeem the link
    .folder = Folder of the service, with its address and API key
    .url = Address of the service (or RESTOW_SERVICE_URL; set its key in RESTOW_API_KEY)
help-admin-revoke = Revoke a license
    .license = The license ID, or its first characters
    .reason = Reason, as the holder will read it
    .folder = Folder of the service
    .url = Address of the service
help-admin-release = Release a holder's computer
    .holder = The holder ID, or its first characters
    .computer = Name or ID of the computer, or the first characters of the ID
    .waiting = Give the holder's computers 72 hours to refuse
    .folder = Folder of the service
    .url = Address of the service
help-admin-confirm = Confirm a holder's computer
    .holder = The holder ID, or its first characters
    .computer = Name or ID of the computer, or the first characters of the ID
    .folder = Folder of the service
    .url = Address of the service
help-admin-withdraw = Withdraw the restore keys of a holder's computer
    .holder = The holder ID, or its first characters
    .computer = Name or ID of the computer, or the first characters of the ID
    .folder = Folder of the service
    .url = Address of the service
help-admin-limit = Set how many computers may hold a license
    .license = The license ID, or its first characters
    .limit = Number of computers; a lower number removes the license from no computer
    .folder = Folder of the service
    .url = Address of the service
help-admin-list = List licenses, computers, holders, offers or the audit log
    .what = licenses, computers, holders, offers or audit
    .holder = Only of this holder
    .folder = Folder of the service
    .url = Address of the service
help-admin-content-key = Print the content keys that files are packaged with
    .folder = Folder of the service; the service may run
    .key-id = Key ID of the file, with or without a license
    .after = Prints each key ID with its content key in hexadecimal digits. Every license for the key ID contains this key. It opens the file without a license: give it only to the program that encrypts the file. The audit log records each call: restow admin list audit
help-admin-rotate-key = Give the service new signing keys; earlier signatures stay valid
    .folder = Folder of the service; the service must not run
    .root = New place of root.key
    .revoke = The current keys were stolen: all their signatures become invalid
    .revoke-all = The current keys and all earlier keys were stolen: all their signatures become invalid
help-admin-move = Publish a new address of the service
    .folder = Folder of the service; the service must not run
    .url = New public address
    .root = New place of root.key
help-demo = Show the whole story with sample files: back up, lose a computer, restore
    .licenses = Licenses that the shop sells, 10 to 5000 [40]
    .restricted = Licenses that may not be backed up, from 1 to 6 fewer than all [7]
    .computers = Computers, 5 to 30 [5]
    .keep = Keep all files and a script that repeats the demo in this new folder

heading-usage = Usage:
heading-options-usage = [OPTIONS]
heading-command = COMMAND
heading-commands = Commands
heading-arguments = Arguments
heading-options = Options
value-dir = DIR
value-dir-file = DIR|FILE
value-lang = LANG
value-path = PATH
value-location = LOCATION
value-link-file-keyid = LINK|FILE|KEYID
value-name = NAME
value-license = LICENSE
value-issuer = ISSUER
value-file-keyid-license = FILE|KEYID|LICENSE
value-right = RIGHT
value-right-count = RIGHT[=COUNT]
value-n = N
value-m = M
value-k = K
value-set = SET
value-computer = COMPUTER
value-service = SERVICE
value-url = URL
value-addr = ADDR
value-address = ADDRESS
value-date = DATE
value-keyid = KEYID
value-title = TITLE
value-holder = HOLDER
value-text = TEXT
value-what = WHAT
value-fingerprint = FINGERPRINT
value-file = FILE

## Failures of the command itself

error-label = restow:
error-usage = The arguments do not fit together.
    .help = See: restow --help
error-usage-command = There is no command “{ $name }”.
    .help = { $suggestion ->
        [none] See the commands: { $command } --help
       *[other] Did you mean “{ $suggestion }”? See the commands: { $command } --help
    }
error-usage-unknown = There is no argument “{ $argument }” here.
    .help = { $suggestion ->
        [none] See the arguments: { $command } --help
       *[other] Did you mean “{ $suggestion }”? See the arguments: { $command } --help
    }
error-usage-missing = Missing: { $argument }
    .help = See the arguments: { $command } --help
error-usage-missing-terms = Missing: { $argument }, or --key-id for a single license
    .help = See the arguments: { $command } --help
error-usage-value = { $argument } does not accept the value “{ $value }” ({ $what }).
    .help = See the arguments: { $command } --help
error-usage-no-value = { $argument } needs a value ({ $what }).
    .help = See the arguments: { $command } --help
error-usage-conflict = { $argument } and { $other } cannot be used together.
    .help = See the arguments: { $command } --help
error-usage-right = “{ $right }” cannot be the name of a right.
    .help = Use Play, Copy, Print, or another name of letters, digits and dots.
error-usage-use-license = A use is counted for a file, not for a license.
    .help = Name the file or its key ID.
error-usage-count = “{ $count_given }” in “{ $right }” is not a number.
    .help = Give a whole number, such as Play=5, or the right alone.
error-export-into-backup = { $path } contains a backup. The folder for the files is missing.
    .help = To export the backup: restow export { $path } DIR. To export this computer's licenses, name another folder: restow export DIR
error-needs-yes = { $question }
    .help = Nothing was changed. Restow cannot ask here: add --yes to agree.
error-output = The output cannot be written: { $why }
    .help = Free some space, or write the output to another place.
error-unreadable = { $path }: { $why }
    .help = Check the path. Instead of a file, give a key ID such as 09e091ab-f838-41d2-9e35-58531fd19ec7, or the ID of a license on this computer.
error-nothing-imported = Nothing was imported.
    .help =
        { $count ->
            [0] License files usually end in .lcpl, .jws or .json. Name such a file or its folder.
           *[other] The reason and the next step are shown above for each file.
        }
error-export-empty = There is no license to write.
    .help = Import licenses first, or name a backup that has some: restow export LOCATION DIR
error-nothing-scanned = Nothing could be read.
    .help = Check that the files belong to you and that the drive is not damaged.
error-nothing-acquired = No license was received.
    .help = Ask the shop or library that the files are from.
error-no-key-id = Restow finds no key ID in { $path }.
    .help = Give the key ID, or another protected file. restow file shows what Restow finds in a file.
error-acquire-lcp = { $path } is a book protected by LCP. Only its shop or library has the license.
    .help = Download the book or its .lcpl file there again, then: restow import FILE
error-acquire-what = “{ $source }” is not a link, a file or a key ID.
    .help = Give a link from a shop or library (https://…), protected files, or key IDs such as 09e091ab-f838-41d2-9e35-58531fd19ec7.
error-no-such-provider = { $url } is not on the list of allowed providers.
    .help = See the list: restow provider list
error-restore-empty = The backup in { $path } is empty. It has no license.
    .help = On the computer with the books, run restow import FOLDER and back up again. To see all backups at a location: restow backups LOCATION
error-restore-none-of = The backup has no license { $license }.
    .help = See its licenses: restow show { $location }
error-no-such-license = There is no license { $license } here.
    .help = See all licenses: restow licenses
error-license-ambiguous = The ID { $license } fits several licenses.
    .help = Type more of the ID, or add --issuer ISSUER if the command accepts it. See both: restow licenses --json
error-last-copy = { $title } is in no backup. This may be the last copy.
    .help = Back up first (restow backup LOCATION), or add --yes.
error-last-copy-unseen = A backup in { $location } had { $title } on { $at }, but is not connected now. This may be the last copy.
    .help = Connect the backup or make a new one (restow backup LOCATION), or add --yes.
error-no-service = You have not added a service yet.
    .help = Add the service of your shop or library: restow service add URL
error-which-service = There are several services.
    .help = Name one by its name, address or fingerprint. See all: restow service
error-no-such-service = There is no service “{ $name }”.
    .help = See all services: restow service
error-no-consent-service = { $name } was not added because you did not agree.
    .help = Compare the fingerprint with the one from your shop or library, then add --yes.
error-no-consent-register = This computer is not registered with { $service }.
    .help = If you agree to register it, add --register.
error-which-computer = “{ $name }” fits several computers.
    .help = Type more of the ID. See all: restow computer
error-no-such-computer = There is no computer “{ $name }”.
    .help = See all computers: restow computer
error-nothing-to-refuse = { $name } is already confirmed and has no waiting release.
    .help = To take its licenses away, release it: restow computer release { $computer }
error-right-twice = The right “{ $right }” is given twice.
    .help = Give each right once.
error-terms-number = { $path }: the number of licenses must be 1 to { $most }.
    .help = Issue more licenses in several calls.
error-terms = { $path }: { $why }
    .help = Name a file with a JSON array of terms, or - for standard input.
error-terms-json = { $path } is not JSON (line { $line }, column { $column }).
    .help = Nothing was issued. Correct the file there.
error-terms-missing = { $path }: “{ $name }” is missing in the object that ends in line { $line }, column { $column }.
    .help = Nothing was issued. Give “key_ids” and “rights” for each license.
error-terms-unknown = { $path }: “{ $name }” (line { $line }, column { $column }) is not a known name in terms.
    .help = Nothing was issued. Known are key_ids, title, rights, priority, not_before, expires, unreported and limit; in a right: count, from, until and first_use_seconds.
error-terms-shape = { $path }: “{ $name }” (line { $line }, column { $column }) has a value of the wrong type.
    .help = Nothing was issued. “key_ids” is a list of texts, “title” a text, “rights” an object with each right once. All others are whole numbers; times are Unix seconds.
error-terms-list = { $path } is not a list of terms (line { $line }, column { $column }).
    .help = Nothing was issued. Give a JSON array of objects with key_ids, title and rights.
error-key-id = “{ $key }” is not a key ID.
    .help = Write a UUID such as 09e091ab-f838-41d2-9e35-58531fd19ec7, hex:… or text:…
error-no-operator = The service to operate is not given.
    .help = On the computer of the service, add --service DIR. Elsewhere, set RESTOW_SERVICE_URL and RESTOW_API_KEY. For a new service: restow admin init
error-no-api-key = The API key is missing.
    .help = Set RESTOW_API_KEY, or add --service DIR.
error-admin-key = { $url } does not accept this API key ({ $from }).
    .help = The key is in the file api.key in the service's folder. Add --service DIR, or set RESTOW_API_KEY to its content.
error-admin-not-there = The service does not have this license, holder or computer. { $text }
    .help = See the list: restow admin list
error-admin-busy = The service could not do this now. { $text }
    .help = Try again soon. The output of the service shows the reason.
error-admin-address = { $url } cannot be used: http is allowed only for this computer itself.
    .help = Use https.
error-admin-unreachable = { $url }: the service cannot be reached: { $why }
    .help = Check that the service runs: restow serve DIR
error-admin-answer = { $url }: the server there is not a License Management Service (status { $status }).
    .help = Check the address.
error-admin-problem = The service rejected the values. { $text }
    .help = Correct them. restow admin COMMAND --help shows the allowed values.
error-admin-none-such = There is no “{ $name }” there.
    .help = Give the ID, its first characters (at least 6), or a computer's name, as shown by: restow admin list
error-admin-several = “{ $name }” fits several entries.
    .help = Type more of the ID. See whole IDs: restow admin list --json
error-random = The random source of the system failed.
    .help = Try again.
error-damaged =
    { $count ->
        [one] { $location } is damaged: 1 fault was found.
       *[other] { $location } is damaged: { $count } faults were found.
    }
    .help = Restore the undamaged licenses (restow restore LOCATION), then make a new backup.
error-damaged-known =
    { $count ->
        [one] { $location } is damaged: 1 fault was found, in a part that a later backup replaced.
       *[other] { $location } is damaged: { $count } faults were found, in parts that a later backup replaced.
    }
    .help = Nothing needs to be done. Restow keeps the damaged parts: they may be the last copy of licenses that this computer no longer had.
error-older-state = { $location } has an older state than this computer wrote there.
    .help = All files there are intact. Write the newest state again: restow backup LOCATION
error-demo = The demo failed: { $what }
    .help = Please report it.
error-demo-folder = { $path } exists already.
    .help = Name a new folder.

## Failures of the library and of the service

error-home-no-folder = This system names no folder for application data.
    .help = Name a folder with --home DIR or RESTOW_HOME.
error-home-a-file = { $path } is a file.
    .help = Name a folder with --home DIR or RESTOW_HOME.
error-home-unusable = { $path }: { $why }
    .help = 
    { $kind ->
        [io-read-only] Name a folder on a drive that can be written.
        [io-full] Make room there.
       *[other] Check that it exists and belongs to you.
    }
error-file-unreadable = { $path }: { $why }
    .help = Check the path, and that you may read what is there.
error-file-unwritable = { $path }: { $why }
    .help = 
    { $kind ->
        [io-exists] Name another folder; nothing that is there is overwritten.
        [io-full] Make room there.
       *[other] Check the path, and that you may write there.
    }
error-put-other-license = { $path }: Another license lies inside, which is not among yours.
    .help = To keep that license, import it first: restow import FILE
error-put-has-license = { $path }: Another license of yours lies inside.
    .help = Leave it, or say that it is to go: --yes
error-put-broken-inside = { $path }: The license inside cannot be read.
    .help = Say that yours is to take its place: --yes
error-put-not-protected = { $path }: It is not protected by LCP, and opens as it is.
    .help = It needs no license.
error-put-better-there = { $path }: A better document of this license is there: newer, or with a signature that is worth more.
    .help = Import it: restow import FILE
error-put-disputed = { $path }: Another document of a license that is here lies there, and nothing says that the one here is better.
    .help = Import it: restow import FILE, or say that it is to go: --yes
error-put-read-only = { $path }: The file is marked as not to be changed.
    .help = Allow changes to it, then try again.
error-put-changed = { $path }: Another program changed the file meanwhile.
    .help = Close the program that has it open, then try again.
error-put-not-as-written = { $path }: What was written could not be read back as it should be.
    .help = Check the drive; the file is as it was.
error-put-not-a-folder = { $path }: This is a file.
    .help = Name a folder, or add --license LICENSE.
error-put-not-usable = This license cannot be used any more, or is not here.
    .help = See what is here: restow licenses
error-put-other-kind = Only LCP licenses are put into publications.
    .help = Other kinds need no file beside what they are for.
error-put-read = { $path }: The publication cannot be read: { $why }
    .help = Get it again from where it came from; nothing was changed.
error-put-write = { $path }: The publication cannot be written: { $why }
    .help = Check that you may write there, and that there is room.
error-put-no-place = { $path }: The file is not a publication that can hold a license.
    .help = Name an EPUB, or another package with a place for one.
error-put-refused = { $path }: The publication is damaged: { $why }
    .help = Get it again from where it came from; nothing was changed.
error-put-no-room = { $path }: The publication has no room for another entry.
    .help = Keep the license beside it.
error-home-key-damaged = { $path }: The key file is damaged.
    .help = Move the home away and restore your licenses from a backup: restow restore LOCATION.
error-home-root-damaged = { $path }: The certificate is damaged.
    .help = Take the file away, and add the certificate again: restow roots add FILE.
error-home-settings = { $path } cannot be understood: { $text }
    .help = It may say {"{"}"passphrase_file": "PATH"{"}"}, or be taken away.
error-other-machine = { $path }: These licenses belong to another machine.
    .help = Do not copy the home: back up there (restow backup) and restore here (restow restore).
error-ended-other-machine = This home belongs to another machine.
    .help = Restore into a home of this machine instead: --home DIR.
error-no-randomness = The system's random source failed.
    .help = Try again; if it persists, the system needs attention.
error-store-newer = { $path }: The license store was written by a newer Restow (version { $found }; known up to { $known }).
    .help = Use the newer Restow.
error-store-not-a-store = { $path } is no license store.
    .help = Name another home with --home DIR.
error-store-unusable = { $path }: { $why }
    .help = 
    { $kind ->
        [io-read-only] Name a folder on a drive that can be written.
        [io-full] Make room there.
       *[other] Check that it exists and belongs to you.
    }
error-store-damaged = The license store is damaged ({ $text }).
    .help = Move store.db away and restore your licenses from a backup: restow restore LOCATION.
error-store-busy = Another program is using the license store.
    .help = Wait for it to end, then try again.
error-store-cannot-write = The license store cannot be written ({ $text }).
    .help = Make room on the disk, or check who may write there.
error-store-failed = The license store failed ({ $text }).
    .help = Try again; if it persists, please report it.
error-license-too-large = The document is too large for a license.
    .help = Name the license document itself, such as a .lcpl file.
error-license-unknown-kind = This is no license document of a known kind.
    .help = Name the license document itself, such as a .lcpl file.
error-license-malformed = The license ({ $kind }) is malformed: { $why }
    .help = Get the license again from where it came from.
error-license-not-accepted = The license was not accepted: { $why }
    .help = Get the license again from where it came from.
error-license-unknown-issuer = Nobody added the service of issuer { $issuer }.
    .help = Add it first: restow service add URL.
error-license-key-in-clear = The document contains content keys in clear and is never stored.
    .help = Keep the file where it is; Restow only notes its key IDs.
error-license-better-here = Another document of this license is here, whose signature is worth more.
    .help = If its root is only not known here yet and you trust its provider: restow roots add CERTIFICATE, then import it again. To have it in any case, forget the one that is here: restow forget LICENSE.
error-license-none-in-archive = There is no license in this archive, nor in what lies in it.
    .help = Import the license documents, books or archives that you got your licenses in.
error-license-none-inside = There is no license in it; it may have been delivered apart, as a .lcpl file.
    .help = If a .lcpl file came with the publication, import that.
error-license-package = It cannot be looked into: { $why }
    .help = Get it again from where it came from.
error-license-unpack-first = It must be unpacked first: { $why }
    .help = Unpack it, and import the folder it was unpacked into.
error-license-status-document = This is no license, but a status document, which says how one stands.
    .help = Import the license itself; Restow asks its provider how it stands: restow refresh
error-license-other-archive = Archives of this kind are not read: it must be unpacked first.
    .help = Unpack it, and import the folder it was unpacked into.
error-root-no-certificate = This is no certificate in PEM or DER.
    .help = Name a file with a certificate, such as the one the license authority publishes.
error-root-not-an-authority = The certificate “{ $name }” is none of an authority: it may not certify providers.
    .help = Ask for the certificate of the authority that certified this provider.
error-root-unreliable = The certificate “{ $name }” cannot be relied on: { $why }
    .help = Ask the license authority for its current certificate.
error-root-distrusted = The certificate “{ $name }” is distrusted here.
    .help = Take it off the list first: restow roots remove FINGERPRINT.
error-root-too-many = There are 100 certificates already.
    .help = Remove those that are not needed any more: restow roots remove FINGERPRINT.
error-root-no-such = There is no one certificate whose fingerprint begins with { $fingerprint }; at least 8 digits are needed.
    .help = See them all: restow roots
error-service-address = { $url } can be no address of a service: { $why }
    .help = Give the address the shop or library told you; it begins with https://.
error-service-private-address = { $url }: this address is not of the public internet, and nobody added it by hand.
    .help = If it is right, add it yourself: restow service add { $url }
error-service-unreachable = { $url }: The service cannot be reached ({ $why }).
    .help = Check the network and try again later; nothing is lost meanwhile.
error-ended-service-unreachable = The service cannot be reached.
    .help = Try again later; nothing is lost meanwhile.
error-service-bad-answer = { $url }: The service gave an answer that cannot be used.
    .help = Try again later; if it persists, tell the service's operator.
error-service-statement-refused = A statement of the service was refused: { $why }
    .help = Try again later; if it persists, tell the service's operator.
error-service-problem = { $service } did not do it: { $text }
    .help = Ask the service's operator.
error-provider-address = { $url }: A library or shop cannot have this address: { $why }.
    .help = Give the address of the library or shop, beginning with https://.
error-provider-not-allowed = { $origin }: Nobody allowed contact with this library or shop.
    .help = If you trust it, allow it: restow provider allow { $origin }
error-provider-private-address = { $url }: this address is not of the public internet, and nobody allowed it by hand.
    .help = If it is right, allow it yourself: restow provider allow { $url }
error-provider-unreachable = { $url }: The library or shop cannot be reached ({ $why }).
    .help = Try again later: restow refresh. Nothing is lost meanwhile.
error-provider-busy = { $origin }: The library or shop is busy.
    .help = Try again later: restow refresh. Nothing is lost meanwhile.
error-provider-given-up = { $origin } did not answer before, and is not asked again for now.
    .help = Try again later: restow refresh. Nothing is lost meanwhile.
error-provider-bad-answer = { $url }: The library or shop gave an answer that cannot be used.
    .help = Try again later; if it persists, tell the library or shop. The license here stays as it is.
error-provider-no-status = { $url }: What the library or shop gave is no status document: { $why }.
    .help = Try again later; if it persists, tell the library or shop. The license here stays as it is.
error-provider-other-license = { $url }: What the library or shop gave is of another license.
    .help = Tell the library or shop. The license here stays as it is.
error-provider-template = { $url }: This link of the library or shop cannot be filled in: { $why }.
    .help = Tell the library or shop. The license here stays as it is.
error-provider-registration = { $origin } could not register this computer. { $said }
    .help = The license works all the same; the next contact tries again.
error-provider-renew = { $origin } did not renew the license. { $said }
    .help = Ask the library or shop. The license here stays as it is.
error-provider-renew-date = { $origin } does not renew the license until that date. { $said }
    .help = Name an earlier date with --until, or none.
error-provider-return = { $origin } did not take the license back. { $said }
    .help = Ask the library or shop, or try again later.
error-provider-return-already = { $origin }: The license was returned before. { $said }
    .help = Nothing is left to do: restow refresh shows how it stands.
error-provider-return-expired = { $origin }: The license has expired. { $said }
    .help = Nothing is left to do: restow refresh shows how it stands.
error-provider-server = { $origin }: The library's or shop's server failed. { $said }
    .help = Try again later. The license here stays as it is.
error-provider-problem = { $origin } answered with an error. { $said }
    .help = Ask the library or shop. The license here stays as it is.
error-provider-no-status-link = License { $license } names no place that says how it stands.
    .help = Ask the library or shop itself.
error-provider-not-signed = License { $license }: its signature is not valid, so nobody is asked about it.
    .help = Get the license again from the library or shop; restow licenses --check says what is wrong.
error-provider-not-taken = { $url }: The new document of the license is not taken: { $why }.
    .help = The one here stays. If it persists, tell the library or shop.
error-provider-out-of-time = License { $license }: There was no time left to ask about it.
    .help = Ask later: restow refresh
error-provider-renew-past = { $time } is over.
    .help = Name a later date with --until, or none.
error-provider-no-renew = License { $license }: Its library or shop offers no renewal.
    .help = Ask the library or shop itself.
error-provider-no-return = License { $license }: Its library or shop does not take it back before its time is over.
    .help = Ask the library or shop itself.
error-provider-renew-page = License { $license } is renewed on a page of its library or shop: { $url }
    .help = Open the page, and then ask how the license stands: restow refresh
error-provider-not-done = License { $license }: Its library or shop answered, but did nothing.
    .help = See how it stands: restow refresh
error-provider-ended = { $standing ->
    [expired] License { $license } has expired.
    [returned] License { $license } was returned.
    [cancelled] License { $license } was cancelled.
   *[revoked] License { $license } was revoked.
    }
    .help = Borrow or buy it again at the library or shop.
error-service-not-added = Nobody added the service of issuer { $issuer }.
    .help = Add it first: restow service add URL.
error-not-registered = This computer is not registered with { $service }.
    .help = Register it: restow computer register.
error-service-other-issuer = { $url }: This is the service of { $found }, not of { $expected }.
    .help = Do not go on; ask the shop or library for its right address and fingerprint.
error-malformed = { $service } says: the request is malformed. { $text }
    .help = Ask the service's operator.
error-bad-signature = { $service } says: a signature does not fit. { $text }
    .help = Ask the service's operator.
error-unknown-computer = { $service } says: this computer is not registered there any more. { $text }
    .help = Restore from a backup to register it anew: restow restore LOCATION --register.
error-clock = { $service } says: the clock of this computer is wrong. { $text }
    .help = Set the clock, then try again.
error-wrong-issuer = { $service } says: the request is meant for another service. { $text }
    .help = Ask the service's operator.
error-key-reused = { $service } says: the request was sent before with other content. { $text }
    .help = Ask the service's operator.
error-not-allowed = { $service } says: only a confirmed computer may do this. { $text }
    .help = Confirm this computer from another of yours: restow computer confirm ID.
error-restore-key-withdrawn = { $service } says: the restore key was withdrawn. { $text }
    .help = Make a new backup on a computer that has the licenses, and restore from that one.
error-too-many-computers = { $service } says: too many computers are registered. { $text }
    .help = Release or confirm one of them: restow computer.
error-not-yours = { $service } says: there is no such thing for you. { $text }
    .help = Ask the service's operator.
error-link-used = { $service } says: the link was used by someone else. { $text }
    .help = Ask the service's operator.
error-release-limit = { $service } says: no more releases this year. { $text }
    .help = Ask the service's operator.
error-too-large = { $service } says: the request is too large. { $text }
    .help = Ask the service's operator.
error-internal = { $service } says: it failed. { $text }
    .help = Try again later; nothing is lost meanwhile.
error-service-busy = { $service } is busy.
    .help = Try again later; nothing is lost meanwhile.
error-no-license =
    { $subject ->
        [title] No license here is known to be for “{ $name }”.
       *[key] There is no license for key ID { $name } here.
    }
    .help =
        { $subject ->
            [title] If you have its license: restow put-back FOLDER finds out for which book it is. Else get it from where you got the file, or restore it: restow restore LOCATION.
           *[key] Get the license from where you got the file, or restore it: restow restore LOCATION.
        }
error-not-granted =
    { $subject ->
        [title] No license for “{ $name }” allows { $right }.
       *[key] No license for key ID { $name } allows { $right }.
    }
    .help = Ask the shop or library the file is from.
error-used-up =
    { $subject ->
        [title] { $right } is used up for “{ $name }”.
       *[key] { $right } is used up for key ID { $name }.
    }
    .help = Ask the shop or library the file is from.
error-not-yet-valid =
    { $subject ->
        [title] The license for “{ $name }” is valid only from { $time }.
       *[key] The license for key ID { $name } is valid only from { $time }.
    }
    .help = Wait; if the date here is wrong, set the clock.
error-expired =
    { $subject ->
        [title] The license for “{ $name }” expired { $time }.
       *[key] The license for key ID { $name } expired { $time }.
    }
    .help = Ask the shop or library the file is from.
error-revoked =
    { $subject ->
        [title] The license for “{ $name }” was revoked: { $reason }
       *[key] The license for key ID { $name } was revoked: { $reason }
    }
    .help = Ask the shop or library the file is from.
error-not-here =
    { $subject ->
        [title] The license for “{ $name }” was not granted to this computer.
       *[key] The license for key ID { $name } was not granted to this computer.
    }
    .help = Restore it: restow restore LOCATION.
error-license-ended =
    { $subject ->
        [title] The license for “{ $name }” is good no more: { $outcome ->
            [returned] it was returned.
            [revoked] its provider revoked it.
            [cancelled] its provider cancelled it.
           *[other] its provider says that its time is over.
        }
       *[key] The license for key ID { $name } is good no more: { $outcome }.
    }
    .help = Ask the shop or library the file is from.
error-not-imported =
    { $subject ->
        [title] The license inside “{ $name }” was not imported.
       *[key] The license for key ID { $name } was not imported.
    }
    .help = Import it: restow import { $path }
error-license-inside-broken =
    { $subject ->
        [title] The license inside “{ $name }” cannot be read.
       *[key] The license for key ID { $name } cannot be read.
    }
    .help = Get the publication again from where it came from, or its license.
error-license-not-valid =
    { $subject ->
        [title] The license for “{ $name }” is not valid, and readers refuse it: { $why }
       *[key] The license for key ID { $name } is not valid: { $why }
    }
    .help = Get the license again from where it came from.
error-report-first =
    { $count ->
        [one] One use of key ID { $name } was not reported yet, and the license allows no more.
       *[other] { $count } uses of key ID { $name } were not reported yet, and the license allows no more.
    }
    .help = Connect to the network and try again.
error-busy = Another backup, restore or refresh is running.
    .help = Wait for it to end, or cancel it.
error-no-path = No { $name } was set.
    .help = Set the path first.
error-no-callback = No callback was given.
    .help = Give a callback.
error-unknown-property = There is no property { $name }.
    .help = Use BackupPath or RestorePath.
error-backup-exists = A backup of this computer is already at this location.
    .help = Allow overwriting: a generation is added and the old ones stay.
error-cancelled = Cancelled.
    .help = Start it again when you like.
error-no-such-set = There is no such set, generation or license at this location, or several could be meant.
    .help = See what is there: restow backups LOCATION; name one set with --set.
error-no-passphrase-file = { $path } is encrypted, and no file with its passphrase is named.
    .help = Name the file in RESTOW_PASSPHRASE_FILE, or as passphrase_file in settings.json of the home.
error-passphrase-file-unreadable = { $path } is encrypted, and { $file } with its passphrase cannot be read: { $why }
    .help = Name the file in RESTOW_PASSPHRASE_FILE, or as passphrase_file in settings.json of the home.
error-no-thread = The system gave no thread ({ $text }).
    .help = Close other programs and try again.
error-defect = Restow has a defect; nothing was lost.
    .help = Please report it.
error-backup-location-missing = { $path } does not exist.
    .help = Connect the drive, or name a folder that exists.
error-backup-not-a-folder = { $path } is not a folder.
    .help = Name a folder, such as the top of a drive.
error-backup-none-here = There is no backup in { $path }.
    .help = Name the folder that was given to restow backup; it has a folder “Restow” in it.
error-backup-read-only = { $path } is read-only.
    .help = Make the drive writable, or choose another location.
error-backup-access-denied = Access to { $path } is denied.
    .help = Check the permissions, or choose another location.
error-backup-disk-full = There is no room left for { $path }.
    .help = Make room there, or choose another location; the backups already there are untouched.
error-backup-read-failed = { $path } cannot be read: { $why }
    .help = Check the drive and its connection, then try again.
error-backup-write-failed = { $path } cannot be written: { $why }
    .help = Check the drive and its connection, then try again. The backups already there are untouched.
error-backup-newer-format = { $path } was written by a newer Restow.
    .help = Use the newer Restow.
error-backup-damaged = No backup in { $path } can be read whole.
    .help = Restore from another copy of the backup or an older generation; see restow backups LOCATION and restow verify LOCATION.
error-backup-no-such-set = There is no set { $set } at this location.
    .help = See what is there: restow backups LOCATION.
error-backup-no-such-generation = Set { $set } has no readable generation { $number }.
    .help = See what is there: restow backups LOCATION.
error-backup-too-much = { $path } holds more than a backup may.
    .help = Restow did not write it like this; use another copy of the backup.
error-backup-forget-damaged = A part of the set cannot be read; until then nothing can be taken out of it.
    .help = Look at it with restow verify; back up again, which mends what this computer still has.
error-backup-record-refused = A license does not fit into a backup: { $why }
    .help = The others can be backed up without it.
error-backup-writer-stopped = Writing the backup stopped without a reason.
    .help = Please report it. The backups already there are untouched.
error-newer-generation-damaged = The newest state of the backup cannot be read; this is from an older one.
    .help = Restore from another backup too, if there is one.
error-ended-backup-newer-format = The newest state of the backup was written by a newer Restow; this is from an older one.
    .help = Update Restow on this computer, and restore again.
error-ended-private-address = The service is at an address that is not of the public internet, and nobody added it by hand.
    .help = Add the service yourself, with the address its shop or library told you: restow service add URL.
error-restored-in-part = Some of the licenses are here, and some are not.
    .help = The reason stands at each; run the restore again later for those that are pending.
error-restored-but-refused = The other licenses are here; these were ended by who issued or lent them.
    .help = The reason stands at each; they are kept as they are, and open nothing any more.
error-restore-refused = The licenses may not be restored here.
    .help = The reason stands at each. Where it is the limit of computers, the service's page or operator can help.
error-restore-expired = The licenses have expired.
    .help = Ask the shop or library.
error-restore-revoked = The licenses cannot be used any more.
    .help = Ask the shop or library why.
error-needs-individualization = This computer must be registered first.
    .help = Consent to registering it: restow restore LOCATION --register.
error-service-already-initialized = There is a service in { $path } already.
    .help = Choose another folder; keys are never overwritten.
error-service-not-initialized = There is no service in { $path }.
    .help = Set one up first: restow admin init.
error-service-file = { $path }: { $why }
    .help = 
    { $kind ->
        [io-read-only] Name a folder on a drive that can be written.
        [io-full] Make room there.
       *[other] Check that it exists and belongs to you.
    }
error-service-file-malformed = { $path } is malformed. { $text }
    .help = Get it back from a backup of the folder.
error-service-setting =
    { $name ->
        [url] This cannot be the address of a service.
        [contact] The contact must have 1 to 500 printable characters.
        [privacy_url] The address of the page about privacy must be a web address.
        [root] This is the root key of another service.
       *[other] The setting { $name } cannot be like this: { $text }
    }
    .help =
    { $name ->
        [url] Give https://, a host and perhaps a port, and no path; http:// only for this computer itself (localhost, 127.0.0.1, [::1]).
        [root] Name the root.key that restow admin init made for this very service: --root FILE
       *[other] Correct the value.
    }
error-service-database = The database { $path } cannot be opened. { $text }
    .help = Check the disk, or get the database back from a backup.
error-service-listen = The service cannot listen at { $address }: { $why }
    .help = Choose another address (--listen ADDR), or end the program that listens there.
error-service-system = The system refuses what a service needs: { $why }
    .help = Make room in memory or raise this user's limits, then try again.
error-service-database-too-new = The database { $path } was written by a newer program.
    .help = Use the newer program.
error-service-in-use = { $path } is in use already{ $process ->
        [none] .
       *[other] {" "}(process { $process }).
    }
    .help = If that is a server, end it first, or use it: one folder has one. Otherwise try again when it has ended.
error-service-unfinished = Setting up a service in { $path } was not finished, or its service.json was lost.
    .help = If a service ran here, get service.json back from a backup of the folder. Otherwise empty the folder and set the service up again: restow admin init.
error-service-no-root = { $path }: the root key is not there.
    .help = Say where it is kept: --root FILE.
error-service-keys-full = The key set of the service is full of keys that were replaced.
    .help = Make room with --revoke-all: what earlier keys signed is then accepted only with the service's grant.
error-terms-key-ids = { $place }: “key_ids” must have 1 to 64 entries.
    .help = Correct it; nothing was issued.
error-terms-key-id = { $place }: “{ $what }” is no key ID.
    .help = Correct it; nothing was issued.
error-terms-key-id-twice = { $place }: the key ID { $what } is named twice.
    .help = Correct it; nothing was issued.
error-terms-title = { $place }: “title” must have 1 to 1,000 printable characters, or be left out.
    .help = Correct it; nothing was issued.
error-terms-rights = { $place }: “rights” has more than 64 entries.
    .help = Correct it; nothing was issued.
error-terms-unknown-right = { $place }: “{ $what }” is no right.
    .help = There are Play, Copy, PlaylistBurn, CreateThumbnailImage, CollaborativePlay, Backup, Print.redbook, Transfer.SDMI and Transfer.NONSDMI. Nothing was issued.
error-terms-no-right = { $place }: something besides Backup must be granted, such as Play.
    .help = Add a right; nothing was issued.
error-terms-backup-limits = { $place }: the right Backup takes no limits.
    .help = Correct it; nothing was issued.
error-terms-range = { $place }: “{ $member }” must be { $least } to { $most }, or be left out.
    .help = Correct it; nothing was issued.
error-terms-past = { $place }: “{ $what }” is in the past.
    .help = Correct it; nothing was issued.
error-terms-order = { $place }: “{ $first }” must be earlier than “{ $second }”.
    .help = Correct it; nothing was issued.

## What happens without stopping a command, and why something fails

note-damage = Set { $set }, generation { $generation }: { $why }.
note-generation-newer = set { $set }, generation { $generation }: it was written by a newer Restow; an older one is read, and what the newer one holds is not known
note-generation-unread = set { $set }, generation { $generation }: it cannot be read; an older one is read, and what the newer one holds is not known
note-older-state = Set { $set }: generation { $found } is the newest there, and this computer wrote generation { $wrote } to this place: an older copy was put back, files were deleted, or this is another drive.
note-set-gone = Set { $set }: nothing of it is there, and this computer wrote generation { $wrote } to this place: files were deleted, or this is another drive.
note-not-registered-any-more = { $service }: this computer is not registered there any more, as far as is known here; if its restore keys were withdrawn since, nobody can restore with this backup alone. Register it again: restow computer register
note-generation-damaged = neither the manifest nor its copy can be used
note-manifest-missing = the manifest is missing; its copy stands in
note-manifest-damaged = the manifest is damaged; its copy stands in
note-copy-missing = the manifest has no copy
note-copy-damaged = the copy of the manifest is damaged
note-pack-missing = a pack is missing
note-pack-length = a pack is too short or too long
note-pack-unreadable = a pack cannot be read
note-frame-cut-off = a frame is cut off
note-frame-changed = a frame was changed
note-frame-malformed = a frame is malformed
note-record-malformed = a record is malformed
note-count-wrong = a pack has not as many licenses as it should
note-record-cut-off = the record is cut off
note-record-left-over = the record has bytes left over
note-record-not-utf8 = the record has text that is not UTF-8
note-record-key-id = the record has a malformed key ID
note-record-range = the record has a number out of range
note-record-too-much = it is larger than a backup can hold
note-not-accepted = License { $license } was not taken: { $why }
note-needs-adopt = Some licenses belong to another holder. --adopt lets this computer join that holder too and take them over; it is needed because it has a holder of its own there already, as after restow computer register, and a home that was never registered (--home DIR) would take over a single holder without it.
note-kind-unknown = a license of kind { $number }, which this Restow does not know
note-record-not-of-document = the record is not about the document in it
note-not-certified-unknown = not certified: its issuer is not known
note-not-certified = not certified: { $why }
note-left-out-facts = What is known of license { $license } beside it was left out: { $why }
note-left-out-missing = The entry of license { $license } in the list of what is missing was left out: { $why }
note-left-out-license = License { $license } was left out: { $why }
note-left-out-titles = The titles of license { $license } were left out: { $why }
note-left-out-counter = A counter of license { $license } was left out: { $why }
note-left-out-statement = A statement of issuer { $issuer } about revoked licenses was left out: { $why }
note-left-out-sunset-key = A sunset key of issuer { $issuer } was left out: { $why }
note-left-out-content-key = Content key { $key } of issuer { $issuer } was left out: { $why }
note-left-out-issuers =
    { $count ->
        [one] One entry about an issuer was left out: a manifest has room for no more.
       *[other] { $count } entries about issuers were left out: a manifest has room for no more.
    }
note-fault-empty = it is empty
note-fault-cut-off = it is cut off
note-fault-json = it is not JSON (line { $line }, column { $column })
note-fault-shape = something is not as it must be (line { $line }, column { $column }: { $text })
note-fault-missing = `{ $name }` is missing
note-fault-text = `{ $name }` must be 1 to { $max } printable bytes
note-fault-date = `{ $name }` is no date with time and offset
note-fault-key-id-count = it must have 1 to 64 key IDs
note-fault-key-id = `{ $key }` is no key ID
note-fault-key-id-twice = key ID { $key } is named twice
note-fault-service-url = its service address is longer than 2,048 bytes
note-fault-right-count = it has more than 64 rights
note-fault-title = its title is longer than 1,000 characters
note-fault-not-a =
    { $shape ->
        [text] `{ $name }` must be a text
       *[object] `{ $name }` must be an object
    }
note-fault-not-allowed = `{ $name }` has no place there
note-invalid-document = { $why }
note-invalid-base64 = `{ $name }` is not base64
note-invalid-certificate = its provider's certificate cannot be read
note-invalid-algorithm = its signature algorithm “{ $algorithm }” is not known, or does not fit its provider's key
note-invalid-signature = its signature is wrong: it was changed after “{ $name }” signed it, or is by somebody else
note-invalid-weak-key = the certificate “{ $name }” has an RSA key of { $bits } bits; fewer than 2,048 are too weak
note-invalid-weak-algorithm = the certificate “{ $name }” is signed with { $algorithm }, which is too weak
note-invalid-unsupported = the certificate “{ $name }” needs what this program does not know ({ $text })
note-invalid-usage = the certificate “{ $name }” is not for signing documents
note-invalid-not-yet-valid = the certificate “{ $name }” is valid from { $from } on, and the license is of { $time }
note-invalid-expired = the certificate “{ $name }” was valid until { $until }, and the license is of { $time }
note-invalid-root-not-valid = the root “{ $name }” is valid from { $from } until { $until }, and the license is of { $time }
note-invalid-chain = the certificate “{ $name }” says that the root “{ $root }” signed it, which did not
note-invalid-distrusted = the certificate “{ $name }” is distrusted here
note-template-brace = a brace has no other
note-template-expression = it has something else in braces than a list of names
note-template-too-long = it is too long
note-not-taken-no-license = it is no license document
note-not-taken-other = it is another license, or another provider's
note-not-taken-worth-less = its signature is worth less than that of the one here
note-not-taken-too-many = there were too many at once
note-provider-too-many = { $count ->
    [one] One license was not asked about: there were too many; ask later: restow refresh
   *[other] { $count } licenses were not asked about: there were too many; ask later: restow refresh
    }
note-provider-no-time = { $origin }: there was no time to ask about { $count ->
    [one] one license
   *[other] { $count } licenses
    }; ask later: restow refresh
note-provider-left-alone = { $origin } did not answer, or was busy, so { $count ->
    [one] one license was
   *[other] { $count } licenses were
    } not asked about; ask later: restow refresh
note-address-form = it is no web address
note-address-scheme = it must begin with https://
note-address-no-host = it names no host
note-address-user-name = it must not contain a user name
note-address-plain-http = http is allowed only to this computer itself; use https
note-address-port = its port is no number from 1 to 65535
note-address-no-fingerprint = it lacks the issuer's fingerprint (#…) at its end
note-address-not-a-link = it is no acquisition link
note-address-damaged-link = its code or fingerprint is damaged; copy the whole link
note-jws-form = it is not a signed document in compact form
note-jws-header = its header is not the one required for { $kind }
note-jws-unknown-key = it is signed by a key that is not known here ({ $key })
note-jws-signature = its signature is wrong
note-jws-version = it has version { $version }, which this program does not know
note-jws-payload = its content is malformed
note-io-not-found = there is no such file or folder
note-io-denied = access is denied
note-io-exists = it exists already
note-io-not-a-folder = it is not a folder
note-io-a-folder = it is a folder
note-io-read-only = the file system is read-only
note-io-full = no room is left
note-io-refused = nothing answers there
note-io-broke-off = the connection broke off
note-io-timed-out = it took too long
note-io-unreachable = no way leads there, or there is no such name
note-io-address-in-use = another program uses this address
note-io-no-such-address = this computer has no such address
note-io-other = { $text }
note-header-truncated = the file ends inside its header: { $found } of { $stated } bytes are there
note-header-too-large = the header claims { $stated } bytes, more than this program is willing to read
note-header-too-small = the header claims an impossible size of { $stated } bytes
note-object-size = the object at byte { $offset } claims an impossible size of { $stated } bytes
note-object-count = the header claims { $stated } objects and has { $found }
note-stray-bytes = stray bytes stand at byte { $offset } of the header (length: { $len })
note-object-malformed = the { $object } is malformed
note-no-streams = the header describes no stream
note-no-media-data = no media data follows the header
note-system-not-named = its content is encrypted, and nothing says by which system
note-protection-type-unknown = unknown protection type “{ $name }”
note-header-version-unknown = unknown header version “{ $name }”
note-protection-header-missing = the protection header is missing or unreadable
note-protection-header-malformed = the protection header is incomplete or not well-formed
note-key-id-unusual = a key ID in the protection header is not the base64 of 16 bytes
note-value-too-long = a value is too long and was left out
note-values-too-many = there are too many values of a kind; the rest was left out
note-package-directory-missing = the package has no directory at its end
note-entries-overlap = entries of the package overlap
note-entry-escapes = an entry has a name that leads out of the package
note-entry-missing = “{ $name }” is missing from the package
note-entry-twice = “{ $name }” is in the package more than once
note-entry-contradiction = “{ $name }” is described in the directory otherwise than it is
note-entry-damaged = “{ $name }” is damaged
note-entry-too-large = “{ $name }” is larger than this program is willing to read
note-entry-password = “{ $name }” is locked with a password
note-entry-archive = “{ $name }” is an archive in the archive, which is not looked into
note-entry-packing = “{ $name }” is packed in a way that publications may not use
note-entry-unpack-first = “{ $name }” is compressed in the archive, and too large to be looked into there
note-entry-malformed = “{ $name }” is malformed
note-archive-too-large = there is more in the archive than this program is willing to unpack
note-put-other-license = another license lies inside, which is not among yours; to keep it, restow import FILE
note-put-has-license = another license of yours lies inside
note-put-broken-inside = the license inside cannot be read
note-put-not-protected = it is not protected by LCP, and opens as it is
note-put-better-there = a better document of this license is there (newer, or with a signature that is worth more); to have it, restow import FILE
note-put-disputed = another document of a license that is here lies there, and nothing says that the one here is better; to have it, restow import FILE
note-put-read-only = the file is marked as not to be changed
note-put-changed = another program changed the file meanwhile
note-put-not-as-written = what was written could not be read back as it should be; the file is as it was
note-put-no-folder = no publication is known, and no folder was named: restow put-back DIR
note-put-none-known = it is protected, without license, and none here is known for it
note-put-not-a-folder = a folder is needed, and this is a file
note-put-not-usable = the license cannot be used any more
note-put-other-kind = only LCP licenses are put into publications
note-fetch-no-link = the license does not say where its publication can be had
note-fetch-invalid-license = the signature of the license is not valid, so nothing is fetched for it
note-fetch-no-hash = not fetched; the license has no hash to check it by
note-fetch-not-agreed = not fetched
note-fetch-address = not fetched: that is done by https and from public addresses alone
note-fetch-unreachable = { $host }: { $why }
note-fetch-status = { $host } answers with status { $status }
note-fetch-redirects = { $host } redirects too often
note-fetch-too-large = not fetched: { $stated } bytes, as the license says, are more than is fetched
note-fetch-too-long = more than { $max } bytes came, and nothing was kept
note-fetch-length = { $found } bytes came, the license says { $stated }, and nothing was kept
note-fetch-hash = what came is not the file that the license names, and nothing was kept
note-fetch-not-a-publication = what came is no publication that can hold a license, and nothing was kept
note-put-read = the publication cannot be read: { $why }
note-put-write = the publication cannot be written: { $why }
note-put-no-place = the file is not a publication that can hold a license
note-put-refused = the publication is damaged: { $why }
note-put-no-room = the publication has no room for another entry

## Small words

answer-hint = [y/N]
answer-yes = y yes
word-yes = yes
word-confirmed = confirmed
word-unconfirmed = unconfirmed
title-quoted = “{ $title }”
title-and-more =
    { $count ->
        [one] “{ $title }” and 1 more
       *[other] “{ $title }” and { $count } more
    }
list-item = {"  "}{ $text }
list-more =
    { $count ->
        [one] {"  "}… and 1 more
       *[other] {"  "}… and { $count } more
    }
nothing-changed = Nothing was changed.
run-warning = Note: { $text }

column-state = state
column-left = left
column-backup = backed up
column-title = title, license ID
column-location = location
column-newest = newest backup
column-licenses = licenses
column-reachable = reachable
column-set = set
column-computer = computer
column-generation = generation
column-made = made
column-id = ID
column-seen = last seen
column-license = license
column-holder = holder
column-computers = computers
column-rights = rights
column-name = title
column-called = name
column-registered = registered
column-since = since
column-offer = offer
column-for = for
column-redeemed = redeemed
column-when = time
column-who = by
column-what = action
column-about = object
column-detail = details

usability-usable = usable
usability-pending = pending
usability-revoked = revoked
usability-invalid = not valid
usability-expired = expired
usability-not_yet_valid = not yet valid
usability-used_up = used up
usability-other_computer = on another computer
show-asks-service = needs its service to restore
valid-from = {"  "}(from { $from })
valid-until = {"  "}(until { $until })
valid-between = {"  "}(from { $from } until { $until })
amount-print =
    { $count ->
        [0] nothing may be printed
        [one] 1 page may be printed
       *[other] { $count } pages may be printed
    }
amount-copy =
    { $count ->
        [0] nothing may be copied
        [one] 1 character may be copied
       *[other] { $count } characters may be copied
    }
outcome-granted = granted
outcome-limit = limit of computers reached
outcome-daily_limit = daily limit reached
outcome-not_yours = belongs to another holder
outcome-revoked = revoked
outcome-returned = returned
outcome-cancelled = cancelled
outcome-expired = expired
why-needs_adopt = belongs to another holder (take over with --adopt)
why-restore_key_withdrawn = the restore key of this backup was withdrawn
why-too_many_computers = too many computers are registered
why-not_allowed = the service does not admit this computer
why-needs_individualization = pending: this computer is not registered
why-private_address = pending: you must add the address of the service yourself
why-other_machine = pending: Restow's folder belongs to another computer
why-service_unavailable = pending
why-damaged = damaged in the backup

reason-denied_by_issuer = the issuer does not allow backups
reason-unstated_device_bound = bound to a device, without permission for backups
reason-not_persistent = valid only for one session
reason-key_in_clear = an unprotected content key

notice-unconfirmed-computer = The computer “{ $name }” joined from a backup ({ $at }). If it is yours: restow computer confirm { $computer } – if not: restow computer refuse { $computer }
notice-release-requested = A release of the computer “{ $name }” was requested ({ $at }). To stop it: restow computer refuse { $computer }
notice-computer-released = The computer “{ $name }” was released ({ $at }). Its ID was { $computer }.
notice-restore-key-withdrawn = The restore keys of the computer “{ $name }” were withdrawn ({ $at }). Make a new backup on it. Its ID is { $computer }.

## Files

scan-warning = { $path }: { $why }
scan-unreadable = { $path } cannot be read: { $why }
scan-done =
    { $files ->
        [one] 1 file scanned, { $protected } protected.
       *[other] { $files } files scanned, { $protected } of them protected.
    }
license-inside =
    { $count ->
        [one] 1 book contains a license that is not imported yet: restow import { $path }
       *[other] { $count } books contain a license that is not imported yet: restow import { $path }
    }
scan-without-license =
    { $count ->
        [one] 1 protected file has no license here:
       *[other] { $count } protected files have no license here:
    }
scan-other = { $count ->
        [one] 1 file of another kind was skipped. Restow reads Windows Media files and books (EPUB, PDF, audiobooks, comics).
       *[other] { $count } files of other kinds were skipped. Restow reads Windows Media files and books (EPUB, PDF, audiobooks, comics).
    }
scan-malformed =
    { $count ->
        [one] 1 file is malformed.
       *[other] { $count } files are malformed.
    }
scan-unreadable-count =
    { $count ->
        [one] 1 file or folder could not be read.
       *[other] { $count } files or folders could not be read.
    }
scan-removed =
    { $count ->
        [one] 1 file no longer exists and was removed from the list.
       *[other] { $count } files no longer exist and were removed from the list.
    }
scan-next = Next: restow status shows which licenses have a backup.
files-none = No files were scanned yet. Start with: restow scan FOLDER
file-state-none = no license
file-state-inside = license inside
file-state-broken = license broken
file-state-licensed = licensed
file-state-backed-up = backed up
file-state-ended = ended
file-state-invalid = not valid
file-state-restricted = restricted
file-not-imported = The license in this file is not imported yet: restow import { $path }
file-license-broken = The license in this file cannot be read. Get the book or its license again from the shop or library.
file-is-license = This is an LCP license: restow import { $path }
file-is-archive = This is a ZIP archive. To import the licenses in it: restow import { $path }
file-no-license-apart = This book has no known license here. If you have its .lcpl file: restow import FILE, then restow put-back FOLDER. Otherwise restore a backup.
file-clear = clear
file-not-known = unknown
file-format = { $path } ({ $format })
file-title = Title: { $title }
file-is-protected = Protected by: { $systems }
file-is-clear = Not protected.
file-unknown = Restow cannot tell if this file is protected.
file-key = Key ID: { $key } (Windows Media: { $kid })
file-url = License address in the file: { $url }
file-license = License: { $license } for { $title }: { $status }
file-no-license = There is no license for this file here. Get one (restow acquire FILE), or restore a backup.
file-bound = Licenses of Windows Media DRM and PlayReady are bound to their device. Restow cannot back them up.

root-name = { $name }
root-subject = { "  " }{ $subject }
root-fingerprint = { "  " }fingerprint { $fingerprint }
root-valid = { "  " }valid { $from } to { $until }
root-distrusted = { "  " }distrusted: its licenses stay, are shown as invalid, and never replace others
root-none = You trust no root certificate yet. Without one, Restow cannot check the signer of a license. Add one: restow roots add FILE
root-added = { $name } is trusted now.
root-removed = { $name } was removed from the list.

import-new = { $path }: imported { $title }
import-newer = { $path }: imported { $title }, newer than before
import-already-here = { $path }: { $title } is already here
import-refused = { $path }: not imported: { $why }
import-done = { $imported } imported, { $here } already here, { $refused } not imported.
signature-invalid = The license for { $title } is not valid: { $why }
signature-unknown-root =
    { $count ->
        [one] 1 license is signed under a root certificate that you do not trust yet. To trust it: restow roots add FILE
       *[other] { $count } licenses are signed under root certificates that you do not trust yet. To trust one: restow roots add FILE
    }
import-next = Next: restow backup LOCATION

## Licenses

licenses-unreadable = { $title }: the license cannot be read: { $why }
licenses-said = {"  "}— { $status }, as of { $at }
licenses-renewable = {"  "}— { $status }, as of { $at }; can be renewed
licenses-user = {"  "}issued to: { $user }
licenses-signature-valid = {"  "}(signature valid, certified by “{ $issuer }”)
licenses-signature-unknown = {"  "}(signature valid, root certificate not trusted yet)
licenses-signature-invalid = {"  "}(signature not valid: { $why })
licenses-none = There are no licenses here. Get some with restow import or restow acquire, or restore a backup.
backup-no = no
backup-never = not allowed
forget-ask = { $title } is in no backup. Remove it anyway?
forget-ask-unseen = A backup in { $location } had { $title } on { $at }, but is not connected now. Remove the license anyway?
forget-done = { $title } was removed from this computer.
forget-from-ask = Remove { $title } from all backups of this computer in { $location }? This cannot be undone. { $where }
forget-from-kept = This computer keeps the license; no other backup has it.
forget-from-kept-twice = This computer keeps the license, and another backup has it: { $other }.
forget-from-elsewhere = This computer does not have the license, but another backup has it: { $other }.
forget-from-set = set { $set } at this location
forget-from-last = This is the last copy of the license.
forget-from-done = { $title } was removed from all backups of this computer in { $location }.
forget-from-still-in = The set { $set } of another computer still has the license. Only that computer can remove it.
forget-unseen = A backup in { $location } had the license on { $at }, but is not connected now.
forget-still-in = A backup still has the license: { $location }
can-unknown = Restow cannot tell if { $path } is protected. Its header is damaged or unknown.
can-other-kind = Restow cannot tell if { $path } is protected. It does not read files of this kind. If you know the key ID: restow can KEYID
can-no-key-id = { $path } is protected ({ $systems }) but names no key ID. Restow cannot tell what its license allows.
can-not-protected = The file is not protected and needs no license.
can-yes = Yes: { $right } is allowed for { $key }.
can-yes-left =
    { $left ->
        [one] Yes: { $right } is allowed for { $key }, 1 more time.
       *[other] Yes: { $right } is allowed for { $key }, { $left } more times.
    }
can-used = { $right } of { $key }: done.
can-used-left = { $right } of { $key }: 1 use counted; { $left } left.
can-until = Allowed until { $until }.
can-read = Yes: { $right } is allowed for “{ $title }”.
can-amount = In total: { $amount }. Reading apps count this, Restow does not.
can-left =
    { $left ->
        [one] 1 use is left.
       *[other] { $left } uses are left.
    }
can-unusual = “{ $right }” is not one of the usual rights: { $usual }
can-not-counted = Nothing was counted. Reading apps count the uses of books.

## Why

facts-inside = License in the file: { $license } of { $provider }
facts-identifier = Identifier of the book: { $identifier }
facts-license = License { $license } for { $title }, by { $issuer }
facts-by-key-id = Found by the key ID.
facts-by-license-id = Found by the license ID.
facts-by-embedded = Found by the license in the book.
facts-by-identifier = Found by the identifier of the book: a book with this identifier had this license.
facts-unreadable = The license cannot be read: { $why }
facts-now = State of the license: { $status }
facts-readers-count = Reading apps count printed pages and copied characters, Restow does not.
facts-used =
    { $count ->
        [one] Counted on all computers: { $right } was used once.
       *[other] Counted on all computers: { $right } was used { $count } times.
    }
facts-signature-verified = The signature is valid.
facts-signature-unknown-root = The signature is valid, but you do not trust its root certificate yet.
facts-signature-invalid = The signature is not valid, and reading apps will reject the license: { $why }
signature-not-valid = The signature of license { $license } is not valid, and reading apps will reject it: { $why }
facts-signer = Signed by “{ $name }”, with a certificate of “{ $issuer }” from { $from } until { $until }.
facts-provider-said = Answer of the provider: { $status } ({ $at })
facts-revoked = The issuer revoked the license: { $reason }
facts-backup-allowed = The license may be backed up.
facts-backup-denied = The license may not be backed up: { $reason }
facts-in-backup = Backed up at { $location }, { $at }
facts-in-no-backup = The license is in no backup.
acquire-item = {"  "}{ $title }: { $outcome }
acquire-page = This page shows the computers with these licenses, and a contact: { $url }
acquire-done =
    { $count ->
        [one] 1 license is here now.
       *[other] { $count } licenses are here now.
    }
acquire-next = Next: restow scan FOLDER finds the titles of your files; then restow backup LOCATION

## Status

status-all =
    { $count ->
        [one] 1 license is on this computer.
       *[other] { $count } licenses are on this computer.
    }
status-in-backup =
    { $count ->
        [one] 1 is in a backup.
       *[other] { $count } are in a backup.
    }
location-away = not connected now
location-gone = yes; empty
location-damaged = yes; damaged, back up again
location-older = yes; older state, back up again
status-withdrawn = The backup in { $location } can no longer register a new computer: its restore key was withdrawn, or this computer was released. Back up again.
status-at-risk =
    { $count ->
        [one] 1 is in no backup, but may be backed up:
       *[other] { $count } are in no backup, but may be backed up:
    }
status-restricted =
    { $count ->
        [one] 1 cannot be backed up:
       *[other] { $count } cannot be backed up:
    }
status-revoked =
    { $count ->
        [one] 1 license was revoked by its issuer and can no longer be used.
       *[other] { $count } licenses were revoked by their issuers and can no longer be used.
    }
status-ended =
    { $count ->
        [one] 1 license has ended and opens nothing any more.
       *[other] { $count } licenses have ended and open nothing any more.
    }
status-invalid =
    { $count ->
        [one] One license is not valid, and readers refuse it. See why: restow licenses --check
       *[other] { $count } licenses are not valid, and readers refuse them. See why: restow licenses --check
    }
status-without-license =
    { $count ->
        [one] 1 protected file has no license here. See which: restow files
       *[other] { $count } protected files have no license here. See which: restow files
    }
status-lost = {"  "}{ $title }: { $reason }
status-lost-where = {"  "}{ $title }: { $reason}. Get it again from { $url }
status-loans =
    { $count ->
        [one] 1 loan ends:
       *[other] { $count } loans end:
    }
status-loan = {"  "}{ $title }  until { $until }
status-loan-renewable = {"  "}{ $title }  until { $until }; can be renewed: restow renew { $license }
status-tonight =
    If this computer were lost tonight, { $lost ->
        [one] 1 license
       *[other] { $lost } licenses
    } would be lost and { $kept } could be restored.
status-next-backup = Next: restow backup LOCATION

## Backup and restore

restricted-heading = Some licenses cannot be backed up:
restricted-titled = {"  "}{ $titles }: { $reason }
restricted-unknown = {"  "}Some licenses cannot be backed up: key ID { $key }
restricted-no-key = {"  "}Some licenses cannot be backed up: license { $license }
event-needs-registration = { $service } is needed, but this computer is not registered there. Nothing was sent.
event-connecting = Connecting to { $service } …
event-disconnecting = Done with { $service }.
event-page = { $service } refused some licenses. This page shows the computers with these licenses, and a contact: { $url }
backup-would =
    { $count ->
        [one] 1 license would be backed up, { $new } new or changed.
       *[other] { $count } licenses would be backed up, { $new } of them new or changed.
    }
backup-would-begin = This would be the first backup of this computer there.
backup-would-continue = The newest backup there is generation { $generation }.
backup-done =
    { $count ->
        [one] 1 license is backed up at { $location }, generation { $generation }.
       *[other] { $count } licenses are backed up at { $location }, generation { $generation }.
    }
backup-nothing = There is nothing to back up: this computer has no licenses.
backup-nothing-allowed = There is nothing to back up: no license here allows backups.
backup-restricted =
    { $count ->
        [one] 1 license was not backed up. If this computer is lost, get it again from its shop or library.
       *[other] { $count } licenses were not backed up. If this computer is lost, get them again from their shop or library.
    }
backup-keep = Keep the backup apart from this computer.
backup-next = Keep the backup apart from this computer. To restore on another computer: restow restore { $location }
restore-services =
    { $count ->
        [one] This restore needs a service with which this computer is not registered yet:
       *[other] This restore needs services with which this computer is not registered yet:
    }
restore-service-licenses =
    { $count ->
        [one] {"  "}Restow would ask it for 1 license.
       *[other] {"  "}Restow would ask it for { $count } licenses.
    }
restore-service-by-hand = {"  "}Its address is not public. If the address is right, add the service and restore again: restow service add { $url }
restore-service-registered =
    { $count ->
        [one] {"  "}Restow would ask it for 1 license. This computer is registered there.
       *[other] {"  "}Restow would ask it for { $count } licenses. This computer is registered there.
    }
restore-service-new =
    { $count ->
        [one] {"  "}Restow would ask it for 1 license. This computer must be registered there first.
       *[other] {"  "}Restow would ask it for { $count } licenses. This computer must be registered there first.
    }
restore-provider-not-asked = {"  "}It was not contacted, because Restow cannot ask you here. Later: restow refresh; or agree with --register.
restore-providers =
    { $count ->
        [one] Restow can ask this provider for the state of its licenses. They are restored in any case:
       *[other] Restow can ask these providers for the state of their licenses. They are restored in any case:
    }
provider-licenses =
    { $count ->
        [one] {"  "}It would receive a question about 1 license, this computer's name, and an ID made only for this provider.
       *[other] {"  "}It would receive a question about { $count } licenses, this computer's name, and an ID made only for this provider.
    }
provider-licenses-allowed =
    { $count ->
        [one] {"  "}You allowed contact. Restow asks about 1 license.
       *[other] {"  "}You allowed contact. Restow asks about { $count } licenses.
    }
provider-unknown-root = {"  "}You do not trust the root certificate of its licenses yet. Compare the address with the one you know.
provider-only-by-hand = {"  "}Its address is not public. If the address is right, allow it yourself: restow provider allow { $url }
provider-ask = Allow contact with { $origin }?
provider-not-asked = { $url } was not contacted. To allow contact: restow provider allow { $url }
provider-allowed = Contact with { $origin } is allowed.
provider-next = Next: restow refresh asks for the state of its licenses.
provider-removed = { $url } will not be contacted any more. Its licenses stay.
provider-none = You have not allowed contact with any provider yet. restow refresh and restow restore ask you about each.
provider-by-hand = { $origin }  (added by you, { $at })
provider-by-consent = { $origin }  (allowed when asked, { $at })
standing-ready = not used yet
standing-active = active
standing-revoked = revoked
standing-returned = returned
standing-cancelled = cancelled
standing-expired = expired
loan-stands = { $title }: { $status }
loan-renewed = { $title } is renewed.
loan-returned = { $title } is returned. The license stays here but opens nothing any more.
loan-message = {"  "}Message of the provider: { $message }
loan-until = {"  "}until { $until }
loan-shorter = The loan is shorter than before: it was until { $until }.
loan-ended = {"  "}ended { $until }
loan-renewable-until = {"  "}can be renewed until { $until }: restow renew { $license }
loan-renewable = {"  "}can be renewed: restow renew { $license }
loan-renew-page = {"  "}can be renewed on this page: { $url }
loan-returnable = {"  "}can be returned: restow return { $license }
loan-refreshed = {"  "}A newer license was received. Back up again.
loan-not-answered = { $title }: { $why }
return-ask = Return { $title } ({ $license })? The license will open nothing any more.
refresh-passed-over = { $count ->
    [one] 1 license was skipped because its signature is not valid. See which: restow licenses --check
   *[other] { $count } licenses were skipped because their signatures are not valid. See which: restow licenses --check
}
refresh-none = There is nothing to ask: no license here names a service or a status address.
service-all-good = { $count ->
    [one] “{ $service }” was asked about 1 license. It is not revoked.
   *[other] “{ $service }” was asked about { $count } licenses. None is revoked.
}
service-revoked = { $count ->
    [one] “{ $service }” revoked 1 license. See which: restow licenses
   *[other] “{ $service }” revoked { $count } licenses. See which: restow licenses
}
service-not-answered = “{ $service }” did not answer: { $why }
ask-register = Register this computer with { $service }?
restore-ask-adopt =
    { $count ->
        [one] 1 license belongs to another holder: another person, or you before this computer was registered. Add this computer to that holder and take over the license?
       *[other] { $count } licenses belong to another holder: another person, or you before this computer was registered. Add this computer to that holder and take over the licenses?
    }
restore-needs-adopt =
    { $count ->
        [one] 1 license belongs to another holder than this computer. To take it over: --adopt. Or restore into a new folder: --home DIR
       *[other] { $count } licenses belong to another holder than this computer. To take them over: --adopt. Or restore into a new folder: --home DIR
    }
restore-would =
    { $count ->
        [one] 1 license would be restored
       *[other] { $count } licenses would be restored
    }{ $here ->
        [0] .
        [one] ; 1 is already here.
       *[other] ; { $here } are already here.
    }
restore-done =
    { $count ->
        [one] 1 license was restored
       *[other] { $count } licenses were restored
    }{ $here ->
        [0] .
        [one] ; 1 was already here.
       *[other] ; { $here } were already here.
    }
restore-damaged =
    { $count ->
        [one] 1 license is damaged in the backup.
       *[other] { $count } licenses are damaged in the backup.
    }
restore-missing =
    { $count ->
        [one] 1 license cannot be used here:
       *[other] { $count } licenses cannot be used here:
    }
restore-missing-unknown =
    { $count ->
        [one] 1 license was not restored. Its title cannot be read.
       *[other] { $count } licenses were not restored. Their titles cannot be read.
    }
restore-missing-item = {"  "}{ $title }: { $why }
restore-without-file =
    { $count ->
        [one] 1 restored license has no file here (a backup contains licenses, not files):
       *[other] { $count } restored licenses have no file here (a backup contains licenses, not files):
    }
restore-next-books = For books: restow put-back FOLDER puts licenses into your books, and shows where to get missing ones.
restore-next-pending = Next: when the service can be reached, restore the pending licenses: restow restore { $location }
restore-unconfirmed = This computer is not confirmed yet. Confirm it on another of your computers (restow computer confirm { $computer }), or wait 7 days.
restore-next = Next: restow licenses lists the licenses here.

## Services and computers

service-name = { $name }
service-origin = {"  "}Address:     { $origin }
service-fingerprint = {"  "}Fingerprint: { $fingerprint }
service-privacy = {"  "}Privacy:     { $url }
service-registered = {"  "}This computer is registered there.
service-unconfirmed = {"  "}This computer is registered there, but not confirmed yet.
service-not-registered = {"  "}This computer is not registered there.
service-none = You have not added a service yet. Add the service of your shop or library: restow service add URL
service-ask = Is this the service you expect? Trust { $name }?
service-added = { $name } is trusted now.
service-next = Next: with a backup, restow restore LOCATION; without one, restow computer register.
service-remove-ask = Stop trusting { $name }? Its licenses stay. Until you add it again, it restores no license and receives no counts.
service-removed = { $name } is not trusted any more and will not be contacted. Its licenses stay.
computer-none = This computer is not registered with any service. That happens when you get or restore native licenses.
computer-registered = This computer is registered as “{ $name }” ({ $computer }).
computer-this = {"  "}This computer: { $computer }
computer-holder = {"  "}Holder:        { $holder }
computer-unconfirmed = {"  "}It is not confirmed yet. On another of your computers: restow computer confirm { $computer }
computer-this-name = { $name } (this one)
computer-releasing = will be released { $at } unless refused
computer-confirms = unconfirmed until { $at }
computer-released = { $name } was released ({ $at }).
computer-release-waits = { $name } will be released at { $at }, unless one of your computers refuses.
computer-release-ask = Release this computer, { $name }? The keys of its licenses are removed from it. If you restore them later, it counts as a new computer.
computer-release-other-ask =
    { $count ->
        [one] Release { $name }? Its license stops working there, and another computer can hold it. The number of releases in a year is limited.
       *[other] Release { $name }? Its { $count } licenses stop working there, and another computer can hold them. The number of releases in a year is limited.
    }
computer-withdraw-ask = Also withdraw the restore keys in the backups of { $name }? Do so if another person may have such a backup. Backups of other computers keep their keys.
computer-keys-withdrawn = The restore keys in the backups of { $name } were withdrawn.
computer-keys-work = New computers can still join, unconfirmed, with the restore keys in its backups. To stop that: restow computer withdraw-key { $computer }
computer-confirmed = { $name } is confirmed.
computer-refused = { $name } was refused.
computer-release-refused = The release of { $name } was refused. It keeps its licenses.
computer-withdrawn = The restore keys of { $name } were withdrawn. Make a new backup on it.

## Backups

backups-none = This computer has made no backup yet. Next: restow backup LOCATION
generation-at-most = up to { $count }
generation-newest = newest
generation-older = older
generation-newer = needs a newer Restow
generation-damaged = damaged
generation-proven = proven
generation-unproven = not proven
show-license = {"  "}{ $title }  { $license }  { $status }
show-done =
    { $count ->
        [one] 1 license is in this backup.
       *[other] { $count } licenses are in this backup.
    }
show-damage =
    { $count ->
        [one] 1 fault was found. See more: restow verify
       *[other] { $count } faults were found. See more: restow verify
    }
export-done =
    { $count ->
        [one] 1 license was written to { $folder }
       *[other] { $count } licenses were written to { $folder }
    }{ $here ->
        [0] .
        [one] ; 1 was already there.
       *[other] ; { $here } were already there.
    }
missing-where = {"    "}Get it again from { $url }
verify-damage = { $text }
verify-foreign = { $path } does not belong there.
verify-leftovers =
    { $count ->
        [one] 1 file is left over from an interrupted backup. The next backup removes it.
       *[other] { $count } files are left over from an interrupted backup. The next backup removes them.
    }
verify-looked = Checked { $size } (sets: { $sets }, generations: { $generations }).
verify-next-backup = The damage is in the backup of this computer. To write these licenses again: restow backup { $location }
verify-mended = A later backup wrote these licenses again, as far as this computer still had them.
verify-whole = Every byte is intact.
verify-origin-proven = Set { $set }, by “{ $name }”: a service you trust proves that your computer wrote it.
verify-origin-unproven = Set { $set }, by “{ $name }”: no service you trust proves which computer wrote it.

## Operators

serve-listening = The service listens at { $address }. Ctrl-C stops it.
serve-behind = Its public address is { $url }. The TLS server there must forward requests to this address.
serve-elsewhere = Its public address is { $url }, with another port. Clients cannot find the service here.
serve-ended = The service has stopped.
admin-made = The service was set up in { $folder }.
admin-made-next = Move root.key to a safe place, publish the fingerprint, then: restow serve { $folder }
admin-issued =
    { $count ->
        [one] 1 license is offered. The first person to use this link gets it:
       *[other] { $count } licenses are offered. The first person to use this link gets them:
    }
admin-issued-add = The address of the service is not public. The holder must add it first: restow service add { $url }
admin-issued-next = The link works once. The holder enters: restow acquire LINK
admin-revoked = Revoked ({ $at }).
admin-released = Released ({ $at }).
admin-confirmed = Confirmed ({ $at }).
admin-withdrawn = Withdrawn ({ $at }).
admin-limited = Limit set ({ $at }).
admin-none = There is nothing to list.
admin-license-offered = offered
admin-license-held = issued
admin-license-until = { $state }, until { $at }
admin-license-revoked = revoked { $at }
admin-right-timed = { $right } (dated)
admin-computer-released = released { $at }
admin-computer-by-time = confirmed after waiting
admin-offer-anyone = anyone
admin-offer-open = not yet
admin-offer-redeemed = { $at } by { $holder }
admin-who-operator = operator
admin-who-time = waiting period
admin-did-register = registered
admin-did-confirm = confirmed
admin-did-refuse = refused
admin-did-release = released
admin-did-release-asked = release requested
admin-did-release-over-limit = not released: yearly limit
admin-did-withdraw = restore keys withdrawn
admin-did-redeem = link redeemed
admin-did-restore = licenses restored
admin-did-issue = issued
admin-did-revoke = revoked
admin-did-limit = limit set
admin-did-content-key = content key printed
admin-content-key-secret = Keep the content key secret: it opens the packaged files without a license. The audit log records this call.
admin-rotated = The service has new keys (key set version { $version }). Computers receive them with their next request. Next: restow serve { $folder }
admin-keys-many = The key set is almost full. { $room ->
    [0] The keys cannot be replaced again
    [one] The keys can be replaced 1 more time
   *[other] The keys can be replaced { $room } more times
} without --revoke-all.
admin-clock = The clock of this computer shows { $now }, but the previous key set is of { $before }. If the clock is wrong, set it before you start the service.
admin-moved = The new address is published (key set version { $version }). Keep the old address working until all computers have contacted the service once. Links sold before stay valid. Next: restow serve { $folder }
admin-waits = This will happen { $at }, unless one of the holder's computers refuses.

## Demo

demo-command = $ { $command }
demo-chapter-shop = A shop sells licenses
demo-chapter-a = Computer A: get the licenses, scan the files, play a film
demo-chapter-backup = Computer A: back up
demo-chapter-lost = A license is revoked, and computer A is lost
demo-chapter-b = Computer B: restore in two parts; the service crashes in between
demo-chapter-cd = Computers C and D: restore
demo-chapter-e = The fifth computer reaches the limit
demo-chapter-release = The shop releases lost computer A, and the fifth computer can restore
demo-library = Wrote { $files } protected files into library.
demo-book = “{ $title }” is a library loan. library has the book with its license, downloads has it without.
demo-shop = { $name }, fingerprint { $fingerprint }
demo-listening = The service listens at { $url }.
demo-issued = { $count } licenses are offered by one link: { $link }
demo-trusted = Trusted: { $name }, fingerprint { $fingerprint }
demo-registered = Registered as { $computer }.
demo-acquired = { $count } licenses are here.
demo-scanned = { $files } protected files with { $keys } key IDs; two files share one key ID.
demo-book-imported = “{ $title }”: the license was imported from the book. Its signature is valid.
demo-used = “{ $title }” was played { $used } times; { $left } left.
demo-event = { $status }
demo-event-about = { $status }  { $about }
demo-end = BACKUPRESTORE_END  { $restored } restored, { $here } already here, { $refused } refused, { $pending } pending
demo-restricted = RESTRICTED_LICENSE  { $line }
demo-backed-up = { $count } licenses are backed up, { $restricted ->
        [one] 1 cannot be.
       *[other] { $restricted } cannot be.
    }
demo-revoked = “{ $title }” is revoked.
demo-reason = Sold by mistake
demo-lost = Computer A, its keys and its licenses are gone.
demo-consent = Consent is needed for: { $name }, { $origin }, fingerprint { $fingerprint }
demo-killed = The service is killed.
demo-pending = { $count } licenses are pending.
demo-book-restored = “{ $title }” was restored: its license needs no service.
demo-book-put-back = “{ $title }” was downloaded again without its license. Restow recognized the book by its identifier and put the license into it.
demo-book-read = “{ $title }” may be read.
demo-left = “{ $title }”: { $left } left, as on the lost computer.
demo-refused = “{ $title }”: { $why }
demo-limit = The page { $url } shows the computers that hold it: { $computers }
demo-released = Computer A is released.
demo-end-well = has its licenses
demo-end-lost = lost, and released
demo-end-limit = limit of computers reached
demo-end-after-release = has its licenses, after the release
demo-sum = Of { $all } licenses, { $count } were backed up and { $restored } were restored on the new computer; { $restricted ->
        [one] 1 may not be backed up and was listed.
       *[other] { $restricted } may not be backed up and were listed.
    }
demo-sum-plays =
    { $left ->
        [one] The counted license has 1 play left on the new computer.
       *[other] The counted license has { $left } plays left on the new computer.
    }
demo-time = Time taken: { $seconds } seconds.
demo-kept = All files are in { $folder }. To repeat the demo, run { $script }.
column-acquired = received
column-restored = restored
column-refused = refused
column-books = books
column-end = result

## Putting back

put-back-document = { $path }: license of { $title }
put-back-publication = { $path }: the license of { $title } is in the book again
put-back-by-hand = { $path }: the license of { $title } is in the book now
put-back-replace-ask = { $path } contains another license of yours. Replace it with the license of { $title }? If that license is not for this book, the book cannot be opened any more.
put-back-replace-broken-ask = The license in { $path } cannot be read. Replace it with the license of { $title }? If that license is not for this book, the book cannot be opened.
put-back-replace-disputed-ask = { $path } contains a different version of one of your licenses. Restow cannot tell which is right, and has no copy of that version. Replace it with the license of { $title }? If that license is not for this book, the book cannot be opened any more.
put-back-refreshed = { $path }: the license of { $title } was replaced with a better version
put-back-better = { $path }: the book contains a better version of the license of { $title } (newer, or with a stronger signature). To import it: restow import { $file }
put-back-disputed = { $path }: kept: the book contains a different version of the license of { $title }. Restow cannot tell which is right. To import that version: restow import { $file } (if you trust its provider, first: restow roots add CERTIFICATE). To put yours into the book: restow put-back { $file } --license { $license }
put-back-disputed-document = { $path }: kept: the file is a different version of the license of { $title }. Restow cannot tell which is right. To import that version: restow import { $file } (if you trust its provider, first: restow roots add CERTIFICATE). To use yours, move the file away first.
put-back-already = { $path }: the license of { $title } is already in the book
put-back-fetched = { $path }: { $title } was downloaded with its license
put-back-left = { $path }: kept unchanged: { $why }
put-back-left-by-hand = { $path }: kept unchanged: { $why }. To put the license of { $title } into the book: restow put-back { $file } --license { $license }
put-back-folder = { $path }: this folder cannot be written: { $why }
put-back-perhaps = { $path } has no license. The license of { $title } may fit. If so: restow put-back { $file } --license { $license }
put-back-not-usable = { $title } was not put back: { $why }
put-back-missing =
    { $count ->
        [one] 1 license has no book here:
       *[other] { $count } licenses have no book here:
    }
put-back-missing-item = { $title }: { $why }
put-back-missing-at = { $title }: { $why }. Get the book from { $url }
put-back-size-unknown = size unknown
put-back-ask = { $title } is not here. Download it from { $host } ({ $size })? Restow checks it by the hash in its license.
put-back-ask-unchecked = { $title } is not here. Download it from { $host } ({ $size })? Restow cannot check the download: its license has no hash.
put-back-done =
    { $count ->
        [one] 1 file was written
       *[other] { $count } files were written
    }{ $here ->
        [0] .
        [one] ; 1 was already right.
       *[other] ; { $here } were already right.
    }
put-back-elsewhere =
    { $count ->
        [one] 1 book in another folder has no license. To include it: restow put-back
       *[other] { $count } books in other folders have no license. To include them: restow put-back
    }
put-back-failed =
    { $count ->
        [one] 1 file could not be read, written or downloaded.
       *[other] { $count } files could not be read, written or downloaded.
    }
