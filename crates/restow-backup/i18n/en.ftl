### Texts of restow-backup: one message per code. `help` is the next action of the user.
### A text without a final period is a part of a longer sentence: the cause of another message.

## Errors

cancelled = The operation was cancelled.
    .help = Start it again at any time.
backup-location-missing = { $path } does not exist.
    .help = Connect the drive, or choose a folder that exists.
backup-not-a-folder = { $path } is not a folder.
    .help = Choose a folder, such as the top folder of a drive.
backup-symbolic-link = { $path } is a symbolic link, not a folder.
    .help = Replace it by the folder that it leads to. Restow does not follow it.
backup-none-here = There is no backup in { $path }.
    .help = Choose the folder of your backups. It has a folder “Restow” in it.
backup-read-only = { $path } is write-protected.
    .help = Make the drive writable, or choose another location.
backup-access-denied = Access to { $path } is denied.
    .help = Check the permissions, or choose another location.
backup-disk-full = There is no space left for { $path }.
    .help = Free some space, or choose another location. Your existing backups are unchanged.
backup-read-failed = { $path } cannot be read: { $cause }.
    .help = Check the drive and its connection, then try again.
backup-write-failed = { $path } cannot be written: { $cause }.
    .help = Check the drive and its connection, then try again. Your existing backups are unchanged.
backup-newer-format = A newer Restow wrote { $path }.
    .help = Update Restow on this computer.
backup-damaged = No backup in { $path } can be read completely.
    .help = Use another copy of the backup. What is damaged: restow verify { $location }
backup-no-such-set = There is no backup { $set } at this location.
    .help = See what is there: restow backups { $location }
backup-no-such-generation = This backup has no readable generation { $number }.
    .help = Readable generations: { $readable }
backup-too-much = { $path } has more data than a backup may have.
    .help = Restow did not write it like this. Use another copy of the backup.
backup-forget-damaged = { $path } cannot be read, so no license can be removed from this backup.
    .help = See what is damaged (restow verify { $location }). Back up again to repair it, then try again.
backup-record-refused = A license does not fit into a backup: { $cause }.
    .help = See its details with restow why. All others can be backed up without it.
backup-writer-stopped = Writing the backup stopped for an unknown reason.
    .help = Please report this. Your existing backups are unchanged.

## Damage

damage = Backup { $set }, generation { $generation }: { $cause }.
generation-damaged = both copies of the index file are damaged
manifest-missing = the index file is missing; its copy is used
manifest-damaged = the index file is damaged; its copy is used
copy-missing = the copy of the index file is missing
copy-damaged = the copy of the index file is damaged
pack-missing = a file of the backup is missing
pack-length = a file of the backup has { $found } bytes instead of { $expected }
pack-unreadable = a file of the backup cannot be read
frame-cut-off = a file of the backup is incomplete
frame-changed = a part of a file of the backup was changed
frame-malformed = a part of a file of the backup cannot be decompressed
record-malformed = an entry in a file of the backup is damaged: { $cause }
count-wrong = a file of the backup has { $found } licenses instead of { $expected }
record-cut-off = the entry is incomplete
record-left-over = the entry has unexpected data at its end
record-not-utf8 = the entry has invalid text
record-key-id = the entry has a malformed key ID
record-range = the entry has a number out of range
record-too-much = the entry is larger than a backup allows
