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
    .verbose = Show every warning, not only the first three of each kind
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
    .new = Begin a new backup if the one of this computer is missing there
    .shared = Let all users of this computer read the backup
    .include = Back up a license again that was removed from the backup
help-restore = Restore licenses from a backup
    .location = Folder or drive with the backup
    .dry-run = Show the result; change nothing and contact no service or provider
    .only = Only these license IDs
    .register = Agree to register this computer with the services
    .ask-providers = Agree to contact the providers of LCP licenses
    .adopt = Take over licenses of another holder: another person, or you before this computer was registered
    .set = Only this set, by its computer name or the first characters of its ID
    .generation = This generation instead of the newest, a number from 1
    .name = Name of this computer, if it must be registered
help-backups = List known backups, or the backups at a location
    .location = Folder or drive with backups
    .remove = Forget a location, also one that is not connected; its files stay
    .yes = Do not ask
help-show = Show the licenses in a backup, and those missing from it
    .location = Folder or drive with the backup
    .set = Only this set, by its computer name or the first characters of its ID
    .generation = This generation instead of the newest, a number from 1
help-export = Write licenses as files, for reading apps and other programs
    .location = Folder or drive with a backup; without it, the licenses on this computer are written
    .folder = Folder for the files; existing files in it stay unchanged
    .set = Only this set of the backup, by its computer name or the first characters of its ID
    .generation = This generation of the backup instead of the newest, a number from 1
help-put-back = Put LCP licenses into and beside their books, where reading apps look for them
    .path = Folder with your books; without it, the scanned folders. With --license, one book
    .fetch = Agree to download missing books whose license has a checksum and states at most 4 GiB
    .license = Put this license into the book
    .issuer = Issuer of the license, if several providers use this ID
    .dry-run = Show what would change, and change nothing
    .yes = Change books without asking (downloads: --fetch). With --license: replace another license in the book
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
    .source = The certificate, in PEM or DER; or edrlab, to download the certificate of EDRLab
    .from = Download the certificate from this address; its SHA-256 must be the known one
    .yes = Download without asking
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
    .not-before = Start of the license: a date as 2030-12-31 (from its start in UTC), or a time as 2030-12-31T12:00:00Z
    .expires = End of the license: a date as 2030-12-31 (until its end in UTC), or a time as 2030-12-31T12:00:00Z
    .reference = Number of the customer or order; the customer sees it, and names it to you
    .note = Note for you; no customer sees it
    .link-days = Days for which the link works, 1 to 3650 [the setting link_days: 30]
    .holder = Let only this holder redeem the link
    .folder = Folder of the service, with its address and API key
    .url = Address of the service (or RESTOW_SERVICE_URL; set its key in RESTOW_API_KEY)
help-admin-withdraw-link = Withdraw a link that is not redeemed
    .offer = The offer ID, its first characters, or its reference
    .folder = Folder of the service
    .url = Address of the service
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
    .search = Only entries with this text in a reference, note, title, name, detail or ID
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
value-file-edrlab = FILE|edrlab
value-offer = OFFER

## Failures of the command itself

error-label = restow:

## Small words

answer-hint = [y/N]
answer-yes = y yes
word-stdin = standard input
answer-hint-each = [y/N] (or: all, none)
answer-all = a all
answer-none = none
word-never = never
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
column-disk = disk
column-checked = last read back
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
column-reference = reference
column-note = note
column-for = for
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
usability-unknown = unknown
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
amount-print-unknown = pages to print: unknown
amount-copy-unknown = characters to copy: unknown
amount-copy =
    { $count ->
        [0] nothing may be copied
        [one] 1 character may be copied
       *[other] { $count } characters may be copied
    }
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
notice-this-computer-released = This computer, “{ $name }”, was released ({ $at }). Its licenses stay in your backups. Restore one with --register to use them here again.
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
scan-not-examined = Not examined yet, so not known to be clear: { $kinds }
scan-unknown =
    { $count ->
        [one] Restow cannot tell if 1 file is protected.
       *[other] Restow cannot tell if { $count } files are protected.
    }
scan-vouchers =
    { $count ->
        [one] 1 voucher is not a license, and Restow cannot save it. What you can do: restow file FILE
       *[other] { $count } vouchers are not licenses, and Restow cannot save them. What you can do: restow file FILE
    }
scan-documents =
    { $count ->
        [one] 1 license document is not imported yet: restow import { $path }
       *[other] { $count } license documents are not imported yet: restow import { $path }
    }
scan-warnings-more =
    { $count ->
        [one] 1 more file has the same problem as { $path }. To see all, add --verbose.
       *[other] { $count } more files have the same problem as { $path }. To see all, add --verbose.
    }
kind-archive =
    { $count ->
        [one] 1 other archive
       *[other] { $count } other archives
    }
kind-audio =
    { $count ->
        [one] 1 other sound file
       *[other] { $count } other sound files
    }
kind-image =
    { $count ->
        [one] 1 image
       *[other] { $count } images
    }
kind-json =
    { $count ->
        [one] 1 JSON document
       *[other] { $count } JSON documents
    }
kind-manifest =
    { $count ->
        [one] 1 streaming manifest
       *[other] { $count } streaming manifests
    }
kind-matroska =
    { $count ->
        [one] 1 Matroska file
       *[other] { $count } Matroska files
    }
kind-mp3 =
    { $count ->
        [one] 1 MP3 file
       *[other] { $count } MP3 files
    }
kind-mp4 =
    { $count ->
        [one] 1 MP4 file
       *[other] { $count } MP4 files
    }
kind-oma =
    { $count ->
        [one] 1 OMA DRM file
       *[other] { $count } OMA DRM files
    }
kind-video =
    { $count ->
        [one] 1 other film file
       *[other] { $count } other film files
    }
kind-zip =
    { $count ->
        [one] 1 ZIP archive
       *[other] { $count } ZIP archives
    }
kind-other =
    { $count ->
        [one] 1 other file
       *[other] { $count } other files
    }
scan-malformed =
    { $count ->
        [one] 1 file is damaged or unusual.
       *[other] { $count } files are damaged or unusual.
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
file-unknown-because = Restow cannot tell if this file is protected: { $why }
file-not-examined = Restow does not examine such files yet: { $kind }
file-key = Key ID: { $key } (Windows Media: { $kid })
file-url = License address in the file: { $url }
file-license = License: { $license } for { $title }: { $status }
file-no-license = There is no license for this file here. Get one (restow acquire FILE), or restore a backup.
file-cannot-be-saved =
    { $system ->
        [adept] Adobe keeps the license in your Adobe account. Restow cannot get or save it. Open the book with Adobe Digital Editions, or get it again from the shop or library.
        [audible] Audible keeps the license in your account. Restow cannot get or save it. Open the audiobook with the Audible app, or download it again there.
        [fairplay] Apple keeps the license in your account. Restow cannot get or save it. Open the file with an Apple app, or download it again there.
        [kindle] Amazon keeps the license in your account. Restow cannot get or save it. Open the book with a Kindle app, or download it again there.
        [kobo] Kobo keeps the license in your account. Restow cannot get or save it. Open the book with a Kobo app, or download it again there.
        [playready] No program can get or save licenses of PlayReady: they are bound to one device. Ask the shop that the file came from.
        [wmdrm] No program can get or save licenses of Windows Media DRM: they are bound to one device. Ask the shop that the file came from.
       *[other] Restow cannot get or save the license of this file. Ask the shop or library that it came from.
    }
file-is-voucher =
    { $format ->
        [acsm] This is an Adobe voucher, with which a reading app fetches a book once. It is not a license, and Restow cannot save it. Open it with Adobe Digital Editions, or get it again from the shop or library.
        [audible-voucher] This is an Audible voucher with the key of an audiobook. It is not a license that Restow can save. Download the audiobook again from Audible.
       *[kindle-voucher] This is a Kindle voucher with the key of a book. It is not a license that Restow can save. Download the book again with a Kindle app.
    }

root-name = { $name }
root-subject = { "  " }{ $subject }
root-fingerprint = { "  " }fingerprint { $fingerprint }
root-valid = { "  " }valid { $from } to { $until }
root-distrusted = { "  " }distrusted: its licenses stay, are shown as invalid, and never replace others
root-none = You trust no root certificate yet. Without one, Restow cannot check the signer of a license. Most libraries and shops: restow roots add edrlab. Any other: restow roots add FILE
root-added = { $name } is trusted now.
root-is-known = This is the certificate of { $name }: its SHA-256 is the known one. Most libraries and shops with LCP licenses use it.
root-namesake = This certificate has the name of { $name }, but it is another one. Any person can write such a name. To remove it: restow roots remove FINGERPRINT
root-same-name = You also trust another certificate named { $name } (fingerprint { $fingerprint }). Both count. If one of them is not right: restow roots remove FINGERPRINT
root-fetch-ask = Download the certificate of { $name } from { $origin }? Only the certificate with the known SHA-256 is accepted. ({ $url })
root-removed = { $name } was removed from the list.

import-new = { $path }: imported { $title }
import-newer = { $path }: imported { $title }, newer than before
import-longer = { $path }: imported { $title }. It replaces a version of the same date that does not end later.
import-longer-here = { $path }: { $title } is already here in another version of the same date, which does not end earlier.
import-already-here = { $path }: { $title } is already here
import-refused = { $path }: not imported: { $why }
import-done = { $imported } imported, { $here } already here, { $refused } not imported.
signature-invalid = The license for { $title } is not valid: { $why }
license-warning = The license for { $title }: { $text }
signature-unknown-root =
    { $count ->
        [one] 1 license is signed under a root certificate that you do not trust yet. For most libraries and shops: restow roots add edrlab. For others: restow roots add FILE
       *[other] { $count } licenses are signed under root certificates that you do not trust yet. For most libraries and shops: restow roots add edrlab. For others: restow roots add FILE
    }
import-next = Next: restow backup { $location }

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
date = { $day } { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
} { $year }
date-time = { $date }, { $clock }
license-found-ask = Use { $title } ({ $license })?
candidate = {"  "}“{ $title }”  { $license }  { $issuer }
candidate-untitled = {"  "}{ $license }  { $issuer }
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
can-unknown = Restow cannot tell if { $path } is protected: { $why }
can-other-kind = Restow cannot tell if { $path } is protected. It does not examine such files yet: { $kind }. If you know the key ID: restow can KEYID
can-no-key-id = { $path } is protected ({ $systems }), and Restow cannot tell what its license allows.
can-voucher = { $path } is a voucher and holds nothing to open.
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
can-read =
    { $right ->
        [Play] Yes: “{ $title }” may be opened.
        [Print] Yes: “{ $title }” may be printed.
        [Copy] Yes: text of “{ $title }” may be copied.
       *[other] Yes: { $right } is allowed for “{ $title }”.
    }
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
facts-warning = Note: { $text }
facts-readers-count = Reading apps count printed pages and copied characters, Restow does not.
facts-used =
    { $count ->
        [one] Counted on all computers: { $right } was used once.
       *[other] Counted on all computers: { $right } was used { $count } times.
    }
facts-signature-verified = The signature is valid.
facts-signature-unknown-root = The signature is valid, but you do not trust its root certificate yet. For most libraries and shops: restow roots add edrlab
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
acquire-next = Next: restow scan FOLDER finds the titles of your files; then restow backup { $location }

## Status

status-verdict =
    { $safe ->
        [0] No license is safe
        [one] 1 license is safe
       *[other] { $safe } licenses are safe
    }, { $risk ->
        [0] none is at risk
        [one] 1 is at risk
       *[other] { $risk } are at risk
    }{ $lost ->
        [0] .
        [one] , 1 cannot be saved.
       *[other] , { $lost } cannot be saved.
    }
status-only-files =
    No license is on this computer. { $lost ->
        [one] 1 protected file cannot be saved.
       *[other] { $lost } protected files cannot be saved.
    }
disk-other_disk = another disk
disk-other_machine = another machine
disk-same_disk = this computer’s
disk-memory = memory
disk-unknown = unknown
location-away = not connected, last seen { $at }
location-gone = yes; empty
location-damaged = yes; damaged, back up again
location-older = yes; older state, back up again
location-replaced = yes; another backup
status-withdrawn = The restore key of the backup in { $location } no longer works. Back up again.
risk-no_backup =
    At risk: { $count ->
        [one] 1 is in no backup:
       *[other] { $count } are in no backup:
    }
risk-same_disk =
    At risk: { $count ->
        [one] the backup of 1 is on a disk of this computer, and is lost together with it:
       *[other] the backups of { $count } are on a disk of this computer, and are lost together with it:
    }
risk-memory =
    At risk: { $count ->
        [one] the backup of 1 is in memory, and is lost when the computer restarts:
       *[other] the backups of { $count } are in memory, and are lost when the computer restarts:
    }
risk-disk_unknown =
    At risk: { $count ->
        [one] the backup of 1 may be on a disk of this computer. Restow cannot tell:
       *[other] the backups of { $count } may be on a disk of this computer. Restow cannot tell:
    }
risk-not_seen =
    At risk: { $count ->
        [one] the backup of 1 was not connected for a long time:
       *[other] the backups of { $count } were not connected for a long time:
    }
risk-not_read_back =
    At risk: { $count ->
        [one] the backup of 1 was not read and checked for a long time:
       *[other] the backups of { $count } were not read and checked for a long time:
    }
risk-date_in_future =
    At risk: { $count ->
        [one] the last check of the backup of 1 has a date in the future. Is the clock right?
       *[other] the last checks of the backups of { $count } have a date in the future. Is the clock right?
    }
risk-key_withdrawn =
    At risk: { $count ->
        [one] the restore key in the backup of 1 no longer works:
       *[other] the restore key in the backups of { $count } no longer works:
    }
risk-older_state =
    At risk: { $count ->
        [one] an older copy is at the place of the backup of 1:
       *[other] an older copy is at the place of the backups of { $count }:
    }
risk-replaced =
    At risk: { $count ->
        [one] another backup is at the place of the backup of 1:
       *[other] another backup is at the place of the backups of { $count }:
    }
risk-damaged =
    At risk: { $count ->
        [one] the backup of 1 is damaged:
       *[other] the backups of { $count } are damaged:
    }
risk-gone =
    At risk: { $count ->
        [one] the backup of 1 is not at its place any more:
       *[other] the backups of { $count } are not at their place any more:
    }
risk-removed_from_backup =
    At risk: { $count ->
        [one] you removed 1 from its backup. To back it up again, import it again: restow import FILE
       *[other] you removed { $count } from their backups. To back them up again, import them again: restow import FILE
    }
risk-pending =
    At risk: { $count ->
        [one] 1 waits for its service and cannot be used yet. Restore again:
       *[other] { $count } wait for their services and cannot be used yet. Restore again:
    }
risk-refused =
    At risk: { $count ->
        [one] the service refused 1. See why: restow why LICENSE
       *[other] the service refused { $count }. See why: restow why LICENSE
    }
risk-invalid =
    At risk: { $count ->
        [one] 1 is not valid, and reading apps reject it. See why: restow licenses --check
       *[other] { $count } are not valid, and reading apps reject them. See why: restow licenses --check
    }
risk-other_computer =
    At risk: { $count ->
        [one] 1 belongs to another computer, from which this home was copied:
       *[other] { $count } belong to another computer, from which this home was copied:
    }
risk-unreadable =
    At risk: { $count ->
        [one] 1 cannot be read:
       *[other] { $count } cannot be read:
    }
status-restricted =
    { $count ->
        [one] 1 license may not be backed up:
       *[other] { $count } licenses may not be backed up:
    }
status-unsavable =
    { $count ->
        [one] No program can save the license of 1 protected file. It is bound to a device or an account:
       *[other] No program can save the licenses of { $count } protected files. They are bound to a device or an account:
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
status-next-backup = Next: restow backup { $location }
status-next-connect = Next: connect the drive of your backup, then: restow backup { $location }
status-next-drive = Next: connect a drive that is no part of this computer, then: restow backup { $location }
status-next-verify = Next: check the backup with restow verify { $location }
status-next-connect-verify = Next: connect the drive of your backup, then: restow verify { $location }

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
backup-gone-ask = { $text } Begin a new backup there?
backup-rewritten =
    { $count ->
        [one] 1 license was damaged in the backup and was written again:
       *[other] { $count } licenses were damaged in the backup and were written again:
    }
backup-unreadable =
    { $count ->
        [one] The drive does not return 1 license as it was written:
       *[other] The drive does not return { $count } licenses as they were written:
    }
backup-lost =
    { $count ->
        [one] 1 license is damaged in the backup and is not on this computer:
       *[other] { $count } licenses are damaged in the backup and are not on this computer:
    }
backup-lost-unnamed =
    { $count ->
        [one] {"  "}1 license whose title cannot be read
       *[other] {"  "}{ $count } licenses whose titles cannot be read
    }
backup-left-out =
    { $count ->
        [one] 1 license stays out, because you removed it from this backup:
       *[other] { $count } licenses stay out, because you removed them from this backup:
    }
backup-include = To back it up again: restow backup { $location } --include { $license }
backup-carried =
    { $count ->
        [one] 1 license is only in the backup, not on this computer. To get it back: restow restore { $location } – to remove it from the backup: restow forget LICENSE --from { $location }
       *[other] { $count } licenses are only in the backup, not on this computer. To get them back: restow restore { $location } – to remove one from the backup: restow forget LICENSE --from { $location }
    }
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
restore-provider-not-asked = {"  "}It was not contacted, because Restow cannot ask you here. Later: restow refresh; or agree with --ask-providers.
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
provider-unknown-root =
    { $count ->
        [one] You do not trust the root certificate behind 1 of these providers yet. Compare its address with the one you know.
       *[other] You do not trust the root certificates behind { $count } of these providers yet. Compare their addresses with those you know.
    } For most libraries and shops: restow roots add edrlab
provider-only-by-hand = {"  "}Its address is not public. If the address is right, allow it yourself: restow provider allow { $url }
provider-ask = Allow contact with { $origin }?
provider-not-asked = { $url } was not contacted. To allow contact: restow provider allow { $url }
provider-allowed = Contact with { $origin } is allowed.
provider-unused = No license here names { $origin }. If you expected one, check the spelling: restow provider
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
loan-return-page = {"  "}can be returned on this page: { $url }
loan-returnable = {"  "}can be returned: restow return { $license }
loan-refreshed = {"  "}A newer license was received. Back up again.
loan-not-answered = { $title }: { $why }
return-ask = Return { $title } ({ $license })? The license will open nothing any more.
refresh-passed-over = { $count ->
    [one] 1 license was not asked about; the reason is above.
   *[other] { $count } licenses were not asked about; the reasons are above. All of them: restow refresh --json
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
restore-only-unknown = The backup has no license “{ $license }”.
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
service-next = Next: with a backup, restow restore { $location }; without one, restow computer register.
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
computer-withdraw-ask = Also withdraw the restore keys in the backups of { $name }? Do so if another person may have such a backup.
computer-keys-withdrawn = The restore keys in the backups of { $name } were withdrawn.
computer-keys-work = New computers can still join, unconfirmed, with the restore keys in its backups. To stop that: restow computer withdraw-key { $computer }
computer-confirmed = { $name } is confirmed.
computer-refused = { $name } was refused.
computer-release-refused = The release of { $name } was refused. It keeps its licenses.
computer-withdrawn = The restore keys of { $name } were withdrawn. Make a new backup on it.

## Backups

backups-none = This computer has made no backup yet. Next: restow backup { $location }
backups-remove-one = { $location }: backup { $set }, generation { $generation } of { $at }
backups-remove-ask =
    { $count ->
        [one] Forget this location? Its files stay, but its licenses no longer count as backed up there.
       *[other] Forget these { $count } locations? Their files stay, but their licenses no longer count as backed up there.
    }
backups-removed = Forgotten. The files are unchanged. See which licenses are at risk now: restow status
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
serve-open = Other computers reach { $address } without TLS. Use --listen 127.0.0.1:PORT behind a TLS proxy.
serve-ended = The service has stopped.
admin-made = The service was set up in { $folder }.
admin-made-next = Move root.key to a safe place, publish the fingerprint, then: restow serve { $folder }
admin-issued =
    { $count ->
        [one] 1 license is offered. The first person to use this link gets it:
       *[other] { $count } licenses are offered. The first person to use this link gets them:
    }
admin-issued-add = The address of the service is not public. The holder must add it first: restow service add { $url }
admin-issued-next = The link works once, until { $at }. The holder enters: restow acquire LINK
admin-link-withdrawn = The link was withdrawn ({ $at }).
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
admin-offer-open = open
admin-offer-until = open until { $at }
admin-offer-expired = expired { $at }
admin-offer-withdrawn = withdrawn { $at }
admin-offer-redeemed = redeemed { $at } by { $holder }
admin-who-operator = operator
admin-who-time = waiting period
admin-who-unknown = unknown
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
admin-did-withdraw-link = link withdrawn
admin-did-refused = call refused
admin-did-content-key = content key printed
admin-content-key-secret = Keep the content key secret: it opens the packaged files without a license. The audit log records this call.
admin-rotated = The service has new keys (key set version { $version }). Computers receive them with their next request. Next: restow serve { $folder }
admin-keys-many = The key set is almost full. { $room ->
    [0] The keys cannot be replaced again
    [one] The keys can be replaced 1 more time
   *[other] The keys can be replaced { $room } more times
} without --revoke-all.
admin-clock = The clock of this computer shows { $now }, but the previous key set is of { $before }. If the clock is wrong, set it before you start the service.
admin-moved = The new address is published (key set version { $version }). Keep the old address working until all computers have contacted the service once. Next: restow serve { $folder }
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
put-back-would-document = { $path }: license of { $title } would be written
put-back-would-publication = { $path }: the license of { $title } would be put into the book
put-back-would-refresh = { $path }: the license of { $title } would be replaced with a better version
put-back-would-fetch = { $title } is not here. Restow would ask about a download from { $host } ({ $size })
put-back-changes-ask = Put licenses into { $books ->
        [0] no book
        [one] 1 book
       *[other] { $books } books
    } and write { $documents ->
        [0] no license file
        [one] 1 license file
       *[other] { $documents } license files
    }? Nothing else in the books changes.
put-back-would =
    { $count ->
        [one] 1 file would be written
       *[other] { $count } files would be written
    }{ $here ->
        [0] . Nothing was changed.
        [one] ; 1 is already right. Nothing was changed.
       *[other] ; { $here } are already right. Nothing was changed.
    }
put-back-kept =
    { $count ->
        [one] 1 book could not be changed without a loss, and is as it was.
       *[other] { $count } books could not be changed without a loss, and are as they were.
    }
put-back-perhaps-several = { $path } has no license. { $count } licenses may fit, so none was put in. Choose the right one:
put-back-perhaps-item = { $title } ({ $id }): restow put-back { $file } --license { $license }
put-back-better-document = { $path }: this license file is a better version of the license of { $title } (newer, or with a stronger signature). To import it: restow import { $file }
put-back-replace-ask = { $path } contains another license of yours. Replace it with the license of { $title }? The wrong license makes the book unreadable.
put-back-replace-broken-ask = The license in { $path } cannot be read. Replace it with the license of { $title }? The wrong license makes the book unreadable.
put-back-replace-disputed-ask = { $path } contains a different version of one of your licenses. Restow cannot tell which is right, and has no copy of that version. Replace it with the license of { $title }? The wrong license makes the book unreadable.
put-back-refreshed = { $path }: the license of { $title } was replaced with a better version
put-back-better = { $path }: the book contains a better version of the license of { $title } (newer, or with a stronger signature). To import it: restow import { $file }
put-back-disputed = { $path }: kept: the book contains a different version of the license of { $title }. Restow cannot tell which is right. To import that version: restow import { $file }. To put yours into the book: restow put-back { $file } --license { $license }
put-back-disputed-document = { $path }: kept: the file is a different version of the license of { $title }. Restow cannot tell which is right. To import that version: restow import { $file }. To use yours, move the file away first.
put-back-already = { $path }: the license of { $title } is already in the book
put-back-fetched = { $path }: { $title } was downloaded with its license
put-back-left = { $path }: kept unchanged: { $why }
put-back-left-by-hand = { $path }: kept unchanged: { $why }. To put the license of { $title } into the book: restow put-back { $file } --license { $license }
put-back-uncertain = { $path }: { $why }
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
put-back-ask = { $title } is not here. Download it from { $host } ({ $size })? Restow checks it by the checksum in its license.
put-back-ask-unchecked = { $title } is not here. Download it from { $host } ({ $size })? Restow cannot check the download: its license has no checksum.
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
