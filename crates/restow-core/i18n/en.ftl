### Texts of restow-core: one message per code. `help` is the next action of the user.
### A text without a final period is a part of a longer sentence: the cause of another message.

## License documents

license-too-large = The file is too large for a license.
    .help = Choose the license file itself, such as a .lcpl file.
license-unknown-kind = Restow does not recognize a license in this file.
    .help = Choose the license file itself, such as a .lcpl file.
license-malformed = The license ({ $kind }) is damaged: { $cause }.
    .help = Get the license again from the shop or library.
license-not-accepted = The license was not accepted: { $cause }.
    .help = Get the license again from the shop or library.
license-unknown-issuer = The service that issued this license was not added ({ $issuer }).
    .help = Add the service first: restow service add URL
license-key-in-clear = The file contains unprotected content keys. Restow never stores such files.
    .help = Keep the file in its place; Restow only notes its key IDs.
license-status-document = This file has the status of a license, not the license itself.
    .help = Import the license itself. Restow asks the provider for the status: restow refresh

## Unexpected forms in a license that is kept

license-date-unknown =
    { $member ->
        [issued] The date of issue cannot be read.
        [updated] The date of the last change cannot be read.
        [start] The start date cannot be read, so whether the license is valid is unknown.
       *[end] The end date cannot be read, so whether the license is still valid is unknown.
    }
    .help = The license is kept unchanged. Ask the shop or library about the date.
license-date-utc =
    { $member ->
        [issued] The date of issue has no time zone; it is read as UTC.
        [updated] The date of the last change has no time zone; it is read as UTC.
        [start] The start date has no time zone; it is read as UTC.
       *[end] The end date has no time zone; it is read as UTC.
    }
    .help = The license is kept unchanged. Reading apps may show another hour.
license-date-day =
    { $member ->
        [issued] The date of issue has no time; it is read as midnight in UTC.
        [updated] The date of the last change has no time; it is read as midnight in UTC.
        [start] The start date has no time; it is read as midnight in UTC.
       *[end] The end date has no time; it is read as midnight in UTC.
    }
    .help = The license is kept unchanged. Reading apps may show another day.
license-amount-unknown =
    { $member ->
        [print] How many pages may be printed cannot be read.
       *[copy] How many characters may be copied cannot be read.
    }
    .help = The license is kept unchanged. Reading apps decide about it.
license-rights-unknown = The rights of the license cannot be read, so whether it is valid is unknown.
    .help = The license is kept unchanged. Ask the shop or library about it.
license-no-links = The license has no links, so neither its title nor its shop or library is known.
    .help = The license is kept unchanged. Ask the shop or library for a new one.
license-link-unreadable = One of the links in the license cannot be read.
    .help = The license is kept unchanged. Ask the shop or library if something is missing.
license-profile-unknown = The license has an unknown kind of encryption ({ $profile }).
    .help = The license is kept unchanged. Only reading apps that know this kind open the publication.

## Defects of documents

fault-empty = it is empty
fault-cut-off = it is incomplete
fault-json = it is not JSON (line { $line }, column { $column })
fault-shape = a value is not allowed (line { $line }, column { $column }: { $text })
fault-missing = “{ $name }” is missing
fault-text = “{ $name }” must have 1 to { $max } printable bytes
fault-date = “{ $name }” is not a date with time and offset
fault-key-id-count = it must have 1 to 64 key IDs
fault-key-id = “{ $key }” is not a key ID
fault-key-id-twice = the key ID { $key } is listed twice
fault-service-url = the address of the service is longer than 2,048 bytes
fault-right-count = it has more than 64 rights
fault-title = the title is longer than 1,000 characters
fault-not-a =
    { $shape ->
        [object] “{ $name }” must be an object
       *[text] “{ $name }” must be a text
    }
fault-not-allowed = “{ $name }” is not allowed there

## Signed statements

jws-form = it is not a signed document
jws-header = its header is not the one for { $kind }
jws-unknown-key = an unknown key signed it ({ $key })
jws-signature = its signature is wrong
jws-version = this Restow does not know its version { $version }
jws-payload = its content is malformed ({ $text })

## Addresses

address-refused = { $url } cannot be the address of a service: { $cause }.
address-form = it is not a web address
address-scheme = it must begin with https://
address-no-host = it has no host name
address-host = the host name is not valid
address-user-name = it must not contain a user name
address-plain-http = http is allowed only for this computer; use https
address-port = the port is not a number from 1 to 65535
address-no-fingerprint = the fingerprint of the issuer (#…) is missing at the end
address-not-a-link = it is not a link for licenses
address-damaged-link = its code or fingerprint is damaged; copy the whole link

## Key IDs

key-id-malformed = This is not a key ID. Expected: a UUID, the 24 characters of a Windows Media key ID, hex:… or text:…

## Operating system

io-not-found = there is no such file or folder
io-denied = access is denied
io-exists = it already exists
io-not-a-folder = it is not a folder
io-a-folder = it is a folder
io-read-only = it is write-protected
io-full = no space is left
io-refused = no program answers there
io-broke-off = the connection was interrupted
io-timed-out = there was no answer in time
io-unreachable = the network does not lead there, or the name does not exist
io-address-in-use = another program uses this address
io-no-such-address = this computer does not have this address
io-other = { $text }

## Outcomes of a request for licenses

outcome-granted = granted
outcome-limit = limit of computers reached
outcome-daily-limit = daily limit reached
outcome-not-yours = belongs to another holder
outcome-revoked = revoked
outcome-returned = returned
outcome-cancelled = cancelled
outcome-expired = expired
