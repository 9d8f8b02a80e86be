### Failures of the command itself: one message per code. `help` is the next action of the user.

## Arguments

usage = The arguments do not fit together.
    .help = See: restow --help
usage-command = There is no command “{ $name }”.
    .help = { $suggestion ->
        [none] See the commands: { $command } --help
       *[other] Did you mean “{ $suggestion }”? See the commands: { $command } --help
    }
usage-unknown = There is no argument “{ $argument }” here.
    .help = { $suggestion ->
        [none] See the arguments: { $command } --help
       *[other] Did you mean “{ $suggestion }”? See the arguments: { $command } --help
    }
usage-missing = Missing: { $argument }
    .help = See the arguments: { $command } --help
usage-missing-terms = Missing: { $argument }, or --key-id for a single license
    .help = See the arguments: { $command } --help
usage-value = { $argument } does not accept the value “{ $value }” ({ $what }).
    .help = See the arguments: { $command } --help
usage-no-value = { $argument } needs a value ({ $what }).
    .help = See the arguments: { $command } --help
usage-conflict = { $argument } and { $other } cannot be used together.
    .help = See the arguments: { $command } --help
usage-right = “{ $right }” cannot be the name of a right.
    .help = Use Play, Copy, Print, or another name of letters, digits and dots.
usage-use-license = A use is counted for a file, not for a license.
    .help = Name the file or its key ID.
usage-count = “{ $number }” in “{ $right }” is not a count.
    .help = Give a whole number, such as Play=5, or the right alone.
export-into-backup = { $path } contains a backup. The folder for the files is missing.
    .help = To export the backup: restow export { $path } DIR. To export this computer's licenses, name another folder: restow export DIR
needs-yes = { $question }
    .help = Nothing was changed. Restow cannot ask here: add --yes to agree.
unknown-authority = --from needs the name of an authority: { $names }.
    .help = To add a file: restow roots add FILE
key-id = “{ $key }” is not a key ID.
    .help = Write a UUID such as 09e091ab-f838-41d2-9e35-58531fd19ec7, hex:… or text:…

## Files and folders

home-a-file = { $path } is a file.
    .help = Name a folder with --home DIR or RESTOW_HOME.
output = The output cannot be written: { $reason }.
    .help = Free some space, or write to another place.
unreadable = { $path }: { $cause }.
    .help = Check the path. Otherwise name a key ID such as 09e091ab-f838-41d2-9e35-58531fd19ec7, or a license on this computer.
nothing-scanned = Nothing could be read.
    .help = Check that the files belong to you and that the drive is not damaged.
random = The random source of the system failed.
    .help = Try again.

## Licenses

nothing-imported = Nothing was imported.
    .help =
        { $count ->
            [0] License files usually end in .lcpl, .jws or .json. Name such a file or its folder.
           *[other] The reason and the next step are shown above for each file.
        }
export-empty = There is no license to write.
    .help = Import licenses first, or name a backup that has some: restow export { $location } DIR
show-nothing = Nothing of the backup in { $path } can be read.
    .help = Use another backup. To see what is damaged: restow verify { $path }
no-such-license = There is no license { $license } here.
    .help = See all licenses: restow licenses
license-ambiguous = “{ $license }” fits { $count } licenses.
    .help = Type more of the title or ID, or add --issuer ISSUER if the command accepts it. The licenses are:
last-copy = { $title } is in no backup. This may be the last copy.
    .help = Back up first (restow backup { $location }), or add --yes.
last-copy-unseen = { $title } may be only in the backup of { $at } in { $location }, which is not connected.
    .help = Connect the backup, make a new one, or add --yes.

## Getting licenses

nothing-acquired = No license was received.
    .help = Ask the shop or library that the files are from.
no-key-id = Restow finds no key ID in { $path }.
    .help = Give the key ID, or another protected file. restow file shows what Restow finds in a file.
acquire-lcp = { $path } is a book protected by LCP. Only its shop or library has the license.
    .help = Download the book or its .lcpl file there again, then: restow import FILE
acquire-what = “{ $source }” is not a link, a file or a key ID.
    .help = Give a link from a shop or library (https://…), protected files, or key IDs such as 09e091ab-f838-41d2-9e35-58531fd19ec7.
no-such-provider = { $url } is not on the list of allowed providers.
    .help = See the list: restow provider list

## Backups

restore-empty = The backup in { $path } is empty. It has no license.
    .help = On the computer with the books, run restow import FOLDER and back up again. To see all backups at a location: restow backups { $location }
restore-none-of = The backup has no license { $license }.
    .help = See its licenses: restow show { $location }
damaged =
    { $count ->
        [one] { $location } is damaged: 1 fault was found.
       *[other] { $location } is damaged: { $count } faults were found.
    }
    .help = Restore the undamaged licenses (restow restore { $location }), then make a new backup.
damaged-known =
    { $count ->
        [one] { $location } is damaged: 1 fault was found, in a part that a later backup replaced.
       *[other] { $location } is damaged: { $count } faults were found, in parts that a later backup replaced.
    }
    .help = Nothing needs to be done. Restow keeps the damaged parts: they may be the last copy of licenses that this computer no longer had.
older-state = { $location } has an older state than this computer wrote there.
    .help = All files there are intact. Write the newest state again: restow backup { $location }

## Services and computers

no-service = You have not added a service yet.
    .help = Add the service of your shop or library: restow service add URL
which-service = There are several services.
    .help = Name one by its name, address or fingerprint. See all: restow service
no-such-service = There is no service “{ $name }”.
    .help = See all services: restow service
no-consent-service = { $name } was not added because you did not agree.
    .help = Compare the fingerprint with the one from your shop or library, then add --yes.
no-consent-register = This computer is not registered with { $service }.
    .help = If you agree to register it, add --register.
which-computer = “{ $name }” fits several computers.
    .help = Type more of the ID. See all: restow computer
no-such-backup = This computer knows no backup at { $location }.
    .help = restow backups lists the backups that it knows.
no-such-computer = There is no computer “{ $name }”.
    .help = See all computers: restow computer
nothing-to-refuse = { $name } is already confirmed and has no waiting release.
    .help = To take its licenses away, release it: restow computer release { $computer }

## Operators

right-twice = The right “{ $right }” is given twice.
    .help = Give each right once.
terms-number = { $path }: the number of licenses must be 1 to { $most }.
    .help = Issue more licenses in several calls.
terms = { $path }: { $cause }.
    .help = Choose a file with a JSON array of terms, or - for standard input.
terms-json = { $path } is not JSON (line { $line }, column { $column }).
    .help = Nothing was issued. Correct the file there.
terms-missing = { $path }: “{ $name }” is missing in the object that ends in line { $line }, column { $column }.
    .help = Nothing was issued. Give “key_ids” and “rights” for each license.
terms-unknown = { $path }: “{ $name }” (line { $line }, column { $column }) is not a known name in terms.
    .help = Nothing was issued. Known are key_ids, title, rights, priority, not_before, expires, unreported and limit; in a right: count, from, until and first_use_seconds.
terms-shape = { $path }: “{ $name }” (line { $line }, column { $column }) has a value of the wrong type.
    .help = Nothing was issued. “key_ids” is a list of texts, “title” a text, “rights” an object with each right once. All others are whole numbers; times may also be dates as 2030-12-31 or 2030-12-31T12:00:00Z.
terms-list = { $path } is not a list of terms (line { $line }, column { $column }).
    .help = Nothing was issued. Give a JSON array of objects with key_ids, title and rights.
no-operator = The service to operate is not given.
    .help = On the computer of the service, add --service DIR. Elsewhere, set RESTOW_SERVICE_URL and RESTOW_API_KEY. For a new service: restow admin init
no-api-key = The API key is missing.
    .help = Set RESTOW_API_KEY, or add --service DIR.
admin-key = { $url } does not accept this API key ({ $from }).
    .help = The key is in the file api.key in the service's folder. Add --service DIR, or set RESTOW_API_KEY to its content.
admin-not-there = The service does not have this license, holder or computer. { $text }
    .help = See the list: restow admin list
admin-busy = The service could not do this now. { $text }
    .help = Try again soon. The output of the service shows the reason.
admin-address = { $url } cannot be used: http is allowed only for this computer itself.
    .help = Use https.
admin-unreachable = { $url }: The service cannot be reached: { $cause }.
    .help = Check that it runs: restow serve DIR
admin-answer = { $url }: the server there is not a License Management Service (status { $status }).
    .help = Check the address.
admin-problem = The service rejected the values. { $text }
    .help = Correct them. restow admin COMMAND --help shows the allowed values.
admin-none-such = There is no “{ $name }” there.
    .help = Give the ID, its first characters (at least 6), or a computer's name, as shown by: restow admin list
admin-link-used = This link is already redeemed.
    .help = To take the licenses back, revoke them: restow admin revoke LICENSE --reason TEXT
id-too-short = “{ $name }” is too short for an ID.
    .help = Type at least { $least } characters of it, as a list shows them.
admin-several = “{ $name }” fits several entries.
    .help = Type more of the ID. See whole IDs: restow admin list --json

## Demo

demo = The demo failed: { $reason }
    .help = Please report this.
demo-folder = { $path } exists already.
    .help = Name a new folder.
