### Texts of restow-media: one message per code. `help` is the next action of the user.
### A text without a final period is a part of a longer sentence: the cause of another message, or a warning.

## Errors of embedding a license

put-read = The book cannot be read: { $cause }.
    .help = Check the drive, then try again. Nothing was changed.
put-write = The book cannot be written: { $cause }.
    .help = Check that you may write there and that there is space.
put-no-place = This file is not a book that can hold a license.
    .help = Choose an EPUB or another book protected by LCP.
put-refused = The book is damaged: { $cause }.
    .help = Get it again from the shop or library. Nothing was changed.
put-no-room = The book has no room for a license.
    .help = Keep the license file next to it.

## Errors of reading a file

probe-open = The file cannot be opened: { $cause }.
probe-read = The file cannot be read: { $cause }.
probe-damaged = The book is damaged: { $cause }.

## Warnings

header-truncated = the file ends inside its header: it has { $found } of { $stated } bytes
header-too-large = the header is too large to read: it has { $stated } bytes, and Restow reads { $limit }
header-too-small = the header claims an impossible size of { $stated } bytes
object-size = the object at byte { $offset } claims an impossible size of { $stated } bytes
object-count = the header claims { $stated } objects but has { $found }
stray-bytes = the header has unused bytes at byte { $offset } (length: { $len })
object-malformed = the { $object } is malformed
no-streams = the header describes no audio or video
no-media-data = no audio or video follows the header
system-not-named = the content is encrypted, but the file names no protection system
protection-type-unknown = the protection type “{ $name }” is unknown
header-version-unknown = the protection header has the unknown version “{ $name }”
protection-header-missing = the protection header is missing or unreadable
protection-header-malformed = the protection header is incomplete or malformed
key-id-unusual = a key ID in the protection header has an unusual form
value-too-long = a value is too long and was skipped
values-too-many = there are too many values of one kind; the rest was skipped
package-directory-missing = the file is incomplete: its directory at the end is missing
leading-bytes = the file has { $len } other bytes before its header
object-too-large = a part of the header is too large to read: it has { $stated } bytes, and Restow reads { $limit }
entry-over-limit = “{ $name }” is too large to read: Restow reads { $limit } bytes
password-needed = a password locks the file
rights-unknown = “{ $name }” states a protection that Restow does not know
format-not-examined = Restow does not read the protection of this format
entries-overlap = files in the package overlap
entry-escapes = a file name in the package leads out of the package
archive-too-large = the archive unpacks to more than Restow reads
encryption-missing = the book has a license, but the list of its encrypted parts is lost, so no reading app can open it; get the book again from the shop or library
entry-missing = “{ $name }” is missing in the package
entry-twice = “{ $name }” is in the package more than once
entry-contradiction = “{ $name }” is described differently in two places of the package
entry-damaged = “{ $name }” is damaged
entry-too-large = “{ $name }” is larger than Restow reads
entry-password = “{ $name }” is locked with a password
entry-packing = “{ $name }” is compressed in a way that books may not use
entry-unpack-first = “{ $name }” is compressed and too large to read inside the archive
entry-archive = “{ $name }” is an archive inside the archive, which Restow does not search
entry-malformed = “{ $name }” is malformed
