//! The two explanatory files for people that find the folder and do not know Restow.

pub(crate) const README_FILES: [(&str, &str); 2] = [("README.txt", README), ("LIESMICH.txt", LIESMICH)];

const README: &str = "\
WHAT THIS IS

This folder is a backup of media licenses: the documents that let you play
or read songs, films, audiobooks and books you have. It was made by Restow.
The songs, films and books themselves are NOT in here. Back them up as well.

HOW TO GET THE LICENSES BACK

1. Install Restow on the computer that needs them.
2. Connect this drive and run:

       restow restore PATH

   PATH is the folder in which this folder `Restow` lies, such as the top of
   the drive. `restow show PATH` lists what is in it, and what is missing and
   where to get it again.

PLEASE

- Do not change, rename or delete single files in here. To take out a
  license: restow forget LICENSE --from PATH
- To check that every byte is as it was written: restow verify PATH
- Keep this folder to yourself. Unless the backup is encrypted, whoever has it
  can read what you have licenses for, and can try to restore them: they can
  add a computer to your account that the shop lists as unconfirmed, until
  you remove it or withdraw this backup's restore key.

The format is public: docs/backup-format.md of Restow.
";

const LIESMICH: &str = "\
WAS DAS IST

Dieser Ordner ist eine Sicherung von Medienlizenzen: der Dokumente, mit denen
Sie Ihre Musik, Filme, Hörbücher und Bücher abspielen oder lesen dürfen.
Restow hat sie angelegt. Die Musik, Filme und Bücher selbst sind NICHT hier.
Sichern Sie diese ebenfalls.

WIE SIE DIE LIZENZEN ZURÜCKBEKOMMEN

1. Installieren Sie Restow auf dem Computer, der sie braucht.
2. Schließen Sie dieses Laufwerk an und rufen Sie auf:

       restow restore PFAD

   PFAD ist der Ordner, in dem dieser Ordner `Restow` liegt, etwa die oberste
   Ebene des Laufwerks. `restow show PFAD` zeigt, was darin ist, was fehlt und
   woher Sie es wieder bekommen.

BITTE

- Ändern, benennen oder löschen Sie hier keine einzelnen Dateien. Eine Lizenz
  nehmen Sie so heraus: restow forget LIZENZ --from PFAD
- Ob jedes Byte noch ist, wie es geschrieben wurde, prüft: restow verify PFAD
- Behalten Sie diesen Ordner für sich. Ist die Sicherung nicht verschlüsselt,
  kann jeder, der sie hat, lesen, wofür Sie Lizenzen haben, und versuchen, sie
  wiederherzustellen: Er kann Ihrem Konto einen Computer hinzufügen, den der
  Anbieter als unbestätigt führt, bis Sie ihn entfernen oder den
  Wiederherstellungsschlüssel dieser Sicherung zurückziehen.

Das Format ist öffentlich: docs/backup-format.md von Restow.
";
