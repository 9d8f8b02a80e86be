### Texts of restow: one message per code. `help` is the next action of the user.
### A text without a final period is a part of a longer sentence: the cause of another message.

## General

cancelled = The operation was cancelled.
    .help = Start it again at any time.
file-unreadable = { $path }: { $cause }.
    .help = Check the path, and that you may read the file or folder.
file-unwritable = { $path }: { $cause }.
    .help =
    { $cause_code ->
        [io-exists] Choose another folder. Restow never overwrites files.
        [io-full] Free some space there.
       *[other] Check the path, and that you may write there.
    }

too-deep = The folders in it are nested deeper than { $limit }, and were skipped.
    .help = Name this folder itself in a further command.

## Restow's own folder

home-no-folder = This system has no folder for application data.
    .help = Choose a folder with --home DIR or RESTOW_HOME.
home-unusable = { $path } in Restow's folder cannot be used: { $cause }.
    .help =
    { $cause_code ->
        [io-read-only] Choose a folder on a writable drive with --home DIR.
        [io-full] Free some space there.
       *[other] Check that the folder exists and belongs to you.
    }
home-cannot-write = { $path } in Restow's folder cannot be written: { $cause }.
    .help =
    { $cause_code ->
        [io-full] Free some space there. Commands that only read still work.
       *[other] Make the folder writable for you. Commands that only read still work.
    }
home-no-locks = { $path } in Restow's folder cannot be locked: { $cause }.
    .help = Choose a folder on a drive of this computer with --home DIR.
home-key-damaged = The key file { $path } is damaged.
    .help = Move Restow's folder away and restore your licenses from a backup: restow restore { $location }
authority-address = { $url } is no address for a download: only https, or this computer.
    .help = Check the address after --from.
authority-unreachable = { $host } cannot be reached: { $cause }.
    .help = Get { $url } with another computer, then: restow roots add FILE
authority-status = { $host } answered with status { $status }, and not with the certificate.
    .help = Get { $url } from elsewhere, then: restow roots add FILE
authority-other = { $host } did not send the certificate of { $name }. Nothing was added.
    .help = Compare the address. Only the certificate with the known SHA-256 is accepted.
home-root-damaged = The certificate { $path } is damaged.
    .help = Delete the file and add the certificate again: restow roots add FILE
home-settings = The settings in { $path } are not valid: { $text }
    .help = Use {"{"}"passphrase_file": "PATH"{"}"}, or delete the file.
other-machine = { $path } belongs to another computer.
    .help = Do not copy this folder. Back up there (restow backup) and restore here (restow restore).
no-randomness = The random source of the system failed.
    .help = Try again. If it fails again, the system needs repair.

## License store

store-newer = A newer Restow wrote { $path } (version { $found }; this one reads up to { $known }).
    .help = Use the newer Restow.
store-not-a-store = { $path } is not a license store.
    .help = Choose another folder with --home DIR.
store-unusable = The license store { $path } cannot be read: { $cause }.
    .help = Check that the file belongs to you and that its drive works.
store-damaged = The license store { $path } is damaged ({ $text }).
    .help = Move store.db away and restore your licenses from a backup: restow restore { $location }
store-busy = Another program is using the license store { $path }.
    .help = Wait until it ends, then try again.
store-cannot-write = The license store cannot be changed. { $path }: { $cause }.
    .help =
    { $cause_code ->
        [io-full] Free some space there. Commands that only read still work.
       *[other] Make the folder writable for you. Commands that only read still work.
    }
store-too-large = { $path } cannot be written, and is too large to be read without that (over { $limit } MiB).
    .help = Copy the folder to a writable drive, and name the copy with --home DIR.
store-failed = The license store { $path } failed ({ $text }).
    .help = Try again. If it fails again, please report it.

## Importing

license-better-here = This computer already has a version of this license with a stronger signature.
    .help = If you trust the provider of the new one, add its root certificate (restow roots add CERTIFICATE) and import again. To replace the one here, remove it first: restow forget LICENSE
license-none-inside = This book has no license inside.
    .help = If a .lcpl file came with it, import that file.
license-none-in-archive = No license was found in this archive.
    .help = Import the license files, books or archives that came from the shop or library.
license-package = The file cannot be searched: { $cause }.
    .help = Get it again from the shop or library.
license-unpack-first = The archive must be unpacked first: { $cause }.
    .help = Unpack it, then import the new folder.
license-adobe-voucher = This is an Adobe voucher, not a license. Restow cannot save it.
    .help = Open it with Adobe Digital Editions, or get it again from the shop or library.
license-other-system =
    This file belongs to { $system ->
        [adept] Adobe
        [audible] Audible
        [fairplay] Apple FairPlay
        [kindle] Kindle
        [kobo] Kobo
        [playready] PlayReady
        [wmdrm] Windows Media DRM
       *[other] { $system }
    }. No program can save its license.
    .help = Open it with the app of that system, or get it again from the shop.
license-other-archive = Restow cannot read archives of this kind.
    .help = Unpack it, then import the new folder.

## Services

service-address =
    { $cause_code ->
        [address-no-fingerprint] The link is incomplete: { $cause }.
        [address-not-a-link] This cannot be a link of a shop: { $cause }.
        [address-damaged-link] The link is damaged: { $cause }.
       *[other] { $url } cannot be the address of a service: { $cause }.
    }
    .help =
    { $cause_code ->
        [address-no-fingerprint] Copy the whole link from the message of the shop, and put it in quotes: restow acquire 'LINK'
        [address-not-a-link] Use the link from the message of the shop. To add a service only: restow service add ADDRESS
        [address-damaged-link] Copy the whole link from the message of the shop, and put it in quotes: restow acquire 'LINK'
       *[other] Use the address from the shop or library. It begins with https://.
    }
service-private-address = { $url } is not on the public internet, and you have not added it.
    .help = If the address is right, add it yourself: restow service add { $url }
service-unreachable = { $url }: The service cannot be reached ({ $cause }).
    .help =
        { $cause_code ->
            [tls-unknown-issuer] If you trust its certificate, name a file with its root: SSL_CERT_FILE=FILE
            [tls-expired] Check the date of this computer. If it is right, tell the operator of the service.
            [tls-not-yet-valid] Check the date of this computer. If it is right, tell the operator of the service.
            [tls-other-name] Check the address. If it is right, tell the operator of the service.
           *[other] Check the network and try again later. Nothing is lost.
        }
service-bad-answer = { $url }: The answer of the service cannot be used ({ $text }).
    .help = Try again later. If it fails again, tell the operator of the service.
service-statement-refused = An answer of the service was refused: { $cause }.
    .help = Try again later. If it fails again, tell the operator of the service.
service-not-added = The service with the fingerprint { $issuer } was not added.
    .help = Add it first: restow service add URL
service-other-issuer = The service at { $url } has the fingerprint { $found }, not { $expected }.
    .help = Stop here. Ask the shop or library for the right address and fingerprint.
not-registered = This computer is not registered with { $service }.
    .help = Register it: restow computer register
service-problem = { $service } refused the request: { $text }
    .help = Ask the operator of the service.
malformed = { $service } reports a malformed request. { $text }
    .help = Ask the operator of the service.
bad-signature = { $service } reports a wrong signature. { $text }
    .help = Ask the operator of the service.
unknown-computer = { $service } no longer has this computer in its list. { $text }
    .help = Register it again from a backup: restow restore { $location } --register
computer-released = { $service } released this computer on { $text }.
    .help = To use its licenses here again: restow restore { $location } --register
clock = { $service } reports that the clock of this computer is wrong. { $text }
    .help = Set the clock, then try again.
wrong-issuer = { $service } reports that the request is meant for another service. { $text }
    .help = Ask the operator of the service.
key-reused = { $service } received the same request before with other content. { $text }
    .help = Ask the operator of the service.
not-allowed = { $service } does not allow this now. { $text }
    .help = If this computer is not confirmed, confirm it from another one: restow computer confirm ID
restore-key-withdrawn = { $service } no longer accepts the restore key of this backup. { $text }
    .help = On a computer that has the licenses, make a new backup. Restore from that one.
too-many-computers = { $service } has too many computers registered for you. { $text }
    .help = Release or confirm one of them: restow computer
not-yours = { $service } has no such license or computer for you. { $text }
    .help = Ask the operator of the service.
link-used = { $service } reports that this link was already used. { $text }
    .help = Ask the shop for a new link.
link-expired = { $service } reports that this link has expired. { $text }
    .help = Ask the shop for a new link.
link-withdrawn = { $service } reports that this link was withdrawn. { $text }
    .help = Ask the shop for a new link.
release-limit = { $service } allows no more releases this year. { $text }
    .help = Ask the operator of the service.
change-limit = { $service } accepts no more changes from this computer today. { $text }
    .help = Try again tomorrow. Nothing is lost.
too-large = { $service } reports that the request is too large. { $text }
    .help = Ask the operator of the service.
internal = { $service } has a technical problem. { $text }
    .help = Try again later. Nothing is lost.
service-busy = { $service } is busy.
    .help = Try again later. Nothing is lost.

## Connections and answers

answer-timed-out =
    { $count ->
        [one] there was no answer within 1 second
       *[other] there was no answer within { $count } seconds
    }
proxy-refused = the proxy refused: { $text }
tls-unknown-issuer = no root certificate on this computer certifies the server
tls-expired = the certificate of the server has expired
tls-not-yet-valid = the certificate of the server is not valid yet
tls-other-name = the certificate of the server is for another name
tls-revoked = the certificate of the server was revoked
tls-not-spoken = the server does not encrypt (TLS)
tls-nothing-in-common = the server supports no encryption that Restow accepts (TLS 1.2 or 1.3)
tls-other = the encryption failed: { $text }
answer-too-large = it is larger than { $limit } bytes
answer-redirects = it redirects more than { $limit } times
answer-compressed = it is compressed ({ $encoding }), which Restow did not ask for
answer-protocol = it is not HTTP: { $text }
answer-other = { $text }

## Providers of LCP licenses

provider-address = { $url } cannot be the address of a shop or library: { $cause }.
    .help = Use the address of the shop or library. It begins with https://.
provider-not-allowed = You have not allowed contact with { $origin }.
    .help = If you trust this shop or library: restow provider allow { $origin }
provider-private-address = { $url } is not on the public internet, and you have not allowed it.
    .help = If the address is right, allow it yourself: restow provider allow { $url }
provider-unreachable = { $url }: The shop or library cannot be reached ({ $cause }).
    .help =
        { $cause_code ->
            [tls-unknown-issuer] If you trust its certificate, name a file with its root: SSL_CERT_FILE=FILE
            [tls-expired] Check the date of this computer. If it is right, tell the shop or library.
            [tls-not-yet-valid] Check the date of this computer. If it is right, tell the shop or library.
            [tls-other-name] Check the address. If it is right, tell the shop or library.
           *[other] Try again later: restow refresh. Nothing is lost.
        }
provider-busy = { $origin } is busy (HTTP { $status }). { $text }
    .help =
        { $count ->
            [0] Try again later: restow refresh. Nothing is lost.
            [one] Try again in 1 minute: restow refresh. Nothing is lost.
           *[other] Try again in { $count } minutes: restow refresh. Nothing is lost.
        }
provider-given-up = { $origin } did not answer before and was not asked again.
    .help = Try again later: restow refresh. Nothing is lost.
provider-bad-answer = { $url }: The answer of the shop or library cannot be used ({ $cause }).
    .help = Try again later. If it fails again, tell the shop or library. Your license stays unchanged.
provider-no-status = { $url }: The answer is not a license status: { $cause }.
    .help = Try again later. If it fails again, tell the shop or library. Your license stays unchanged.
provider-other-license = { $url }: The answer is about another license.
    .help = Tell the shop or library. Your license stays unchanged.
provider-template = { $url }: This link of the shop or library is damaged: { $cause }.
    .help = Tell the shop or library. Your license stays unchanged.
provider-registration = { $origin } could not register this computer (HTTP { $status }). { $text }
    .help = Your license still works. The next contact tries again.
provider-renew = { $origin } did not renew the license (HTTP { $status }). { $text }
    .help = Ask the shop or library. Your license stays unchanged.
provider-renew-date = { $origin } does not renew the license until that date (HTTP { $status }). { $text }
    .help = Choose an earlier date with --until, or none.
provider-return = { $origin } did not take the license back (HTTP { $status }). { $text }
    .help = Try again later, or ask the shop or library.
provider-return-already = { $origin }: The license was already returned (HTTP { $status }). { $text }
    .help = Nothing needs to be done. See its state: restow refresh
provider-return-expired = { $origin }: The license has expired (HTTP { $status }). { $text }
    .help = Nothing needs to be done. See its state: restow refresh
provider-server = { $origin } has a technical problem (HTTP { $status }). { $text }
    .help = Try again later. Your license stays unchanged.
provider-problem = { $origin } answered with an error (HTTP { $status }). { $text }
    .help = Ask the shop or library. Your license stays unchanged.
provider-no-status-link = License { $license } has no link to its state.
    .help = Ask the shop or library.
provider-not-signed = The signature of license { $license } is not valid, so its provider was not asked.
    .help = Get the license again from the shop or library. What is wrong: restow licenses --check
provider-not-taken = The new license from { $url } was refused: { $cause }.
    .help = Your license stays unchanged. If it fails again, tell the shop or library.
provider-out-of-time = There was no time left to ask about license { $license }.
    .help = Ask later: restow refresh
provider-renew-past = The date { $time } is in the past.
    .help = Choose a later date with --until, or none.
provider-no-renew = License { $license } cannot be renewed.
    .help = Ask the shop or library.
provider-no-return = License { $license } cannot be returned early.
    .help = Ask the shop or library.
provider-renew-page = License { $license } can only be renewed on this page: { $url }
    .help = Renew it there, then see its state: restow refresh
provider-return-page = License { $license } can only be returned on this page: { $url }
    .help = Return it there, then see its state: restow refresh
provider-long-link = The state of license { $license } was not asked: its link has more than { $limit } bytes.
    .help = Ask the shop or library.
provider-no-license-link = A newer version of license { $license } was not fetched: { $cause }.
    .help = Your license stays unchanged. Ask the shop or library.
provider-not-done = The shop or library answered, but did not change license { $license }.
    .help = See its state: restow refresh
provider-ended =
    { $status ->
        [expired] License { $license } has expired.
        [returned] License { $license } was returned.
        [cancelled] License { $license } was cancelled.
       *[revoked] License { $license } was revoked.
    }
    .help = Borrow or buy it again from the shop or library.
not-taken-no-license = it is not a license
not-taken-other = it is another license, or from another provider
not-taken-worth-less = its signature is weaker than that of your license
not-taken-older = it is older than your license
not-taken-too-many = there were too many at once
license-link-missing = the shop or library names no address for it
license-link-type = its links are of another kind ({ $found })
license-link-profile = its links are for another kind of encryption ({ $found })
provider-not-asked =
    { $count ->
        [one] 1 license was not checked. { $cause }.
       *[other] { $count } licenses were not checked. One of them: { $cause }.
    }
    .help = They are restored all the same. The reason for each license: restow refresh
provider-too-many =
    { $count ->
        [one] 1 license was not checked: a restore asks at most 100 providers about 10,000 licenses.
       *[other] { $count } licenses were not checked: a restore asks at most 100 providers about 10,000 licenses.
    }
    .help = Check again later: restow refresh
provider-no-time =
    { $count ->
        [one] { $origin }: There was no time to check 1 license.
       *[other] { $origin }: There was no time to check { $count } licenses.
    }
    .help = Check again later: restow refresh
provider-left-alone =
    { $count ->
        [one] { $origin } did not answer or was busy. 1 license was not checked.
       *[other] { $origin } did not answer or was busy. { $count } licenses were not checked.
    }
    .help = Check again later: restow refresh

## Using a license

no-license =
    { $subject ->
        [title] Restow knows no license for “{ $name }”.
        [bound] There is no license for this file on this computer.
       *[key] There is no license for key ID { $name } on this computer.
    }
    .help =
        { $subject ->
            [title] If you have the license, match it with the book: restow put-back FOLDER. Otherwise restore it (restow restore { $location }), or ask the shop or library.
            [bound] No program can get or save licenses of Windows Media DRM and PlayReady. Ask the shop that the file came from.
           *[key] Restore it (restow restore { $location }), or get it from the shop or library.
        }
not-granted =
    { $subject ->
        [title] No license for “{ $name }” allows { $right }.
       *[key] No license for key ID { $name } allows { $right }.
    }
    .help = Ask the shop or library that the file comes from.
used-up =
    { $subject ->
        [title] All uses of { $right } for “{ $name }” are used up.
       *[key] All uses of { $right } for key ID { $name } are used up.
    }
    .help = Ask the shop or library that the file comes from.
right-unknown =
    { $subject ->
        [title] Whether the license for “{ $name }” allows { $right } cannot be read.
       *[key] Whether the license for key ID { $name } allows { $right } cannot be read.
    }
    .help = Reading apps decide. What cannot be read: restow why LICENSE
not-yet-valid =
    { $subject ->
        [title] The license for “{ $name }” is valid only from { $time }.
       *[key] The license for key ID { $name } is valid only from { $time }.
    }
    .help =
    { $next ->
        [service] The service must confirm that the date has come. Go online once: restow refresh
       *[wait] Wait until then. If today's date is wrong here, set the clock.
    }
expired =
    { $subject ->
        [title] The license for “{ $name }” expired on { $time }.
       *[key] The license for key ID { $name } expired on { $time }.
    }
    .help = Ask the shop or library that the file comes from.
revoked =
    { $subject ->
        [title] The license for “{ $name }” was revoked: { $reason }
       *[key] The license for key ID { $name } was revoked: { $reason }
    }
    .help = Ask the shop or library that the file comes from.
license-ended =
    { $subject ->
        [title] { $outcome ->
            [returned] The license for “{ $name }” was returned.
            [revoked] The license for “{ $name }” was revoked by its provider.
            [cancelled] The license for “{ $name }” was cancelled by its provider.
           *[other] The license for “{ $name }” has expired, according to its provider.
        }
       *[key] The license for key ID { $name } is no longer valid ({ $outcome }).
    }
    .help = Ask the shop or library that the file comes from.
not-imported =
    { $subject ->
        [title] The license inside “{ $name }” was not imported.
       *[key] The license for key ID { $name } was not imported.
    }
    .help = Import it: restow import { $path }
license-inside-broken =
    { $subject ->
        [title] The license inside “{ $name }” cannot be read.
       *[key] The license for key ID { $name } cannot be read.
    }
    .help = Get the book or its license again from the shop or library.
license-not-valid =
    { $subject ->
        [title] The license for “{ $name }” is not valid: { $cause }.
       *[key] The license for key ID { $name } is not valid: { $cause }.
    }
    .help = Get the license again from the shop or library.
not-here =
    { $subject ->
        [title] The license for “{ $name }” is not active on this computer.
       *[key] The license for key ID { $name } is not active on this computer.
    }
    .help = Restore it: restow restore { $location }
report-first =
    { $count ->
        [one] 1 use of { $name } must be reported to the service before the next.
       *[other] { $count } uses of { $name } must be reported to the service before the next.
    }
    .help = Connect to the network and try again.

## Backup and restore

busy = Another backup, restore or refresh is running.
    .help = Wait until it ends, or cancel it.
no-path = The property { $name } is not set.
    .help = Set the path first.
no-callback = The status callback is missing.
    .help = Pass a callback.
unknown-property = There is no property { $name }.
    .help = Use BackupPath or RestorePath.
backup-exists = This location already has a backup of this computer.
    .help = Allow overwriting. Restow then adds a generation and keeps the old ones.
no-such-set = No backup here has the ID or computer name “{ $set }”.
    .help = These are there: { $there }
several-sets = Several backups here fit.
    .help = Choose one with --set: { $there }
backup-no-such-license = The backup does not have the license { $license }.
    .help = See the licenses in the backup with restow show.
backup-gone = The backup of this computer in { $location } is missing: generation { $generation } of { $date }.
    .help = Connect the drive or the share, then try again. To begin a new backup there, add --new.
backup-nothing = There is nothing to back up: neither this computer nor the backup has a license.
    .help = Import licenses first: restow import FOLDER
backup-location-name = The name of { $path } is not valid text, so Restow cannot remember this location.
    .help = Rename the folder, or choose another location.
backup-no-own-set = { $path } has no backup of this computer.
    .help = See where this computer has backups: restow backups
backup-licenses-lost =
    { $count ->
        [one] 1 license in the backup is damaged, and this computer does not have it.
       *[other] { $count } licenses in the backup are damaged, and this computer does not have them.
    }
    .help = Restore from another backup, or get them again from their shop or library.
backup-not-read-back =
    { $count ->
        [0] The drive does not return everything as it was written.
        [one] The drive does not return 1 license as it was written.
       *[other] The drive does not return { $count } licenses as they were written.
    }
    .help = Back up to another drive: this one is damaged or not genuine.
backup-nothing-read-back = The drive returns nothing in { $path } as it was written.
    .help = Back up to another drive: this one is damaged or not genuine.
backup-forget-damaged = A part of the backup cannot be read, so no license can be removed from it.
    .help = Back up again to repair it, then try again.
no-passphrase-file = { $path } is encrypted, and its passphrase file is not set.
    .help = Set RESTOW_PASSPHRASE_FILE to that file, or passphrase_file in settings.json.
passphrase-file-unreadable = { $path } is encrypted, and its passphrase file { $file } cannot be read: { $cause }.
    .help = Set RESTOW_PASSPHRASE_FILE to another file, or passphrase_file in settings.json.
no-thread = The system has no resources for another task ({ $text }).
    .help = Close other programs and try again.
defect = Restow has a defect. Nothing was lost.
    .help = Please report it.

## Results of a restore

restored-in-part = { $count ->
        [one] Not everything was restored: 1 license is missing.
       *[other] Not everything was restored: { $count } licenses are missing.
    }
    .help = The reason is shown for each license. For pending ones, restore again later.
restored-but-refused = { $count ->
        [one] All was restored but 1 license, which the shop or library ended.
       *[other] All was restored but { $count } licenses, which the shop or library ended.
    }
    .help = The reason is shown for each license. They stay, but open nothing.
restore-refused = The licenses may not be restored on this computer.
    .help = The reason is shown for each license. For the limit of computers, see the page of the service or ask its operator.
restore-expired = The licenses have expired.
    .help = Ask the shop or library.
restore-revoked = The licenses are no longer valid.
    .help = Ask the shop or library.
needs-individualization = This computer must be registered first.
    .help = To agree to the registration: restow restore { $location } --register
newer-generation-damaged = The newest backup cannot be read. Restow used an older one.
    .help = If you have another backup, restore from it too.
newer-generation-unknown = A newer Restow wrote the newest backup. This Restow used an older one.
    .help = Update Restow on this computer, then restore again.
restore-damaged = The backup is damaged.
    .help = Restore from another backup or an older generation: restow backups { $location }
restore-other-machine = Restow's folder belongs to another computer.
    .help = Restore into another folder: --home DIR
restore-private-address = The service is not on the public internet, and you have not added it.
    .help = Add it with the address from the shop or library: restow service add URL
restore-unreachable = The service cannot be reached.
    .help = Try again later. Nothing is lost.

## Warnings

not-accepted = License { $license } was not restored: { $cause }.
needs-adopt = Some licenses belong to another holder.
    .help = To take them over, add --adopt. Or restore into a new folder (--home DIR), which takes over a single holder.
kind-unknown = this Restow does not know its license type { $number }
record-not-of-document = its entry in the backup belongs to another license
not-certified-unknown = its issuer is unknown, so nothing proves its origin
not-certified = nothing proves its origin: { $cause }
generation-newer = A newer Restow wrote generation { $generation } of backup { $set }. Restow used an older one.
    .help = Update Restow on this computer.
generation-unread = Generation { $generation } of backup { $set } cannot be read. Restow used an older one.
    .help = The unread generation may have other licenses. If you have another backup, restore from it too.
older-state = Backup { $set } there is older (generation { $found }) than this computer wrote (generation { $wrote }).
    .help = Check the drive: an old copy was put back, files were deleted, or it is another drive.
set-gone = Backup { $set } is missing there. This computer wrote generation { $wrote }.
    .help = Check the drive: files were deleted, or it is another drive.
location-same-disk = This backup is on a disk of this computer and is lost together with it.
    .help = Back up to another drive, too.
location-in-memory = This backup is in memory and is lost when the computer restarts.
    .help = Back up to a drive.
location-disk-unknown = Restow cannot tell if this backup is on a disk of this computer.
    .help = If it is, back up to another drive, too.
not-registered-any-more = { $service } no longer lists this computer. This backup alone may not restore on another computer.
    .help = Register this computer again: restow computer register
backup-files-repaired =
    { $count ->
        [one] 1 damaged file of the backup was written again.
       *[other] { $count } damaged files of the backup were written again.
    }
drive-cannot-sync = This drive cannot confirm that files are stored.
    .help = Eject the drive before you remove it.
generation-rewritten = Generation { $generation } of the backup cannot be read. Everything on this computer was written again.
    .help = If only that generation had a license, get the license again.
left-out-license = License { $license } was not backed up: { $cause }.
left-out-titles = The titles of license { $license } were not backed up: { $cause }.
left-out-facts = Additional facts about license { $license } were not backed up: { $cause }.
left-out-missing = The backup does not list the missing license { $license }: { $cause }.
left-out-counter = A use count of license { $license } was not backed up: { $cause }.
left-out-statement = A list of revoked licenses of { $issuer } was not backed up: { $cause }.
left-out-sunset-key = A sunset key of { $issuer } was not backed up: { $cause }.
left-out-content-key = The content key { $key } of { $issuer } was not backed up: { $cause }.
left-out-issuers =
    { $count ->
        [one] 1 entry about an issuer was not backed up: the backup has no room for it.
       *[other] { $count } entries about issuers were not backed up: the backup has no room for them.
    }

## Putting licenses back

put-other-license = The book has a license that Restow does not have.
    .help = To keep that license, import it first: restow import FILE
put-has-license = Another license of yours is in the book.
    .help = To replace it, add --yes.
put-broken-inside = The license in the book cannot be read.
    .help = To replace it, add --yes.
put-not-protected = This book is not protected by LCP.
    .help = Open it as it is. It needs no license.
put-better-there = The book has a newer or more strongly signed version of this license.
    .help = Import it: restow import FILE
put-disputed = The book has a different version of this license, and neither is clearly better.
    .help = Import it (restow import FILE), or replace it with --yes.
put-read-only = The file is write-protected.
    .help = Allow changes to the file, then try again.
put-hard-links = The book has { $count } names (hard links), and only one of them would change.
    .help = Make a copy of the book, delete this name, then try again.
put-link = This is a link to another file.
    .help = Choose the file that the link leads to.
put-locked = The file system locks the file against changes (as chattr +i does).
    .help = Unlock the file, then try again.
put-access = The owner or the permissions of the file cannot be kept: { $cause }.
    .help = Run Restow as the owner of the file.
put-attribute = The attribute { $name } of the file cannot be kept: { $cause }.
    .help = Run Restow as the owner of the file.
put-date-lost = The file was changed, but its date could not be kept: { $cause }.
put-not-synced = The file was changed, but the drive did not confirm it: { $cause }.
    .help = Eject the drive before you disconnect it, then check the drive.
put-not-scanned = The file was changed, but not the list of scanned files. { $cause }
    .help = Update the list: restow scan FILE
put-changed = Another program changed the file in the meantime.
    .help = Close that program, then try again.
put-not-as-written = The new file could not be read back correctly.
    .help = Check the drive. The old file is unchanged.
put-no-folder = Restow knows no book for this license.
    .help = Choose the folder of your books: restow put-back DIR
put-none-known = The book is protected, and Restow has no license for it.
    .help = Restore or import its license first.
put-not-a-folder = This is a file, not a folder.
    .help = Choose a folder, or add --license LICENSE.
put-not-usable = This license is no longer valid.
    .help = See its state: restow licenses
put-invalid = The signature of this license is not valid. Reading apps refuse it.
    .help = Get a new license from the shop or library. The reason: restow licenses --check
put-none-usable = The license for this book has ended, or cannot be used on this computer.
    .help = See its state: restow licenses
put-better-beside = The license file next to the book is a better version of this license.
    .help = Import it first: restow import FILE
put-encryption-lost = The book has a license, but the list of its encrypted parts is lost. No reading app can open it.
    .help = Get the book again from the shop or library.
put-not-agreed = Nothing was changed.
    .help = See the changes before you agree: restow put-back --dry-run
put-other-kind = Only LCP licenses can be put into books.
    .help = Licenses of other kinds need no file next to their content.

## Downloading books

fetch-no-link = The license has no link to its book.
    .help = Get the book from the shop or library.
fetch-invalid-license = The signature of the license is not valid, so nothing was downloaded.
    .help = See the reason: restow licenses --check
fetch-no-hash = The license has no checksum for the book, so it was not downloaded.
    .help = Get the book from the shop or library.
fetch-not-agreed = The book was not downloaded.
    .help = Get the book from the shop or library.
fetch-address = Restow downloads only by https and from public addresses.
    .help = Get the book from the shop or library.
fetch-too-large = The book has { $stated } bytes. Restow downloads at most { $limit } GiB.
    .help = Get the book from the shop or library.
fetch-unreachable = { $host } cannot be reached: { $cause }.
    .help = Try again later.
fetch-status = { $host } answered with an error (status { $status }).
    .help = Try again later.
fetch-redirects = { $host } redirects more than { $limit } times.
    .help = Try again later.
fetch-too-long = The download is longer than { $max } bytes. Nothing was kept.
    .help = Ask the shop or library.
fetch-length = The download has { $found } bytes instead of { $stated }. Nothing was kept.
    .help = Ask the shop or library.
fetch-hash = The download is not the file that the license names. Nothing was kept.
    .help = Ask the shop or library.
fetch-not-a-publication = The download is not a book that can hold a license. Nothing was kept.
    .help = Ask the shop or library.
