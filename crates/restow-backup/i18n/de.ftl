### Texte von restow-backup: eine Nachricht je Code. `help` ist der nächste Schritt.
### Ein Text ohne Punkt am Ende ist Teil eines längeren Satzes: die Ursache einer anderen Nachricht.

## Fehler

cancelled = Der Vorgang wurde abgebrochen.
    .help = Er kann jederzeit neu gestartet werden.
backup-location-missing = { $path } existiert nicht.
    .help = Den Datenträger anschließen oder einen vorhandenen Ordner wählen.
backup-not-a-folder = { $path } ist kein Ordner.
    .help = Einen Ordner wählen, zum Beispiel den obersten eines Datenträgers.
backup-symbolic-link = { $path } ist ein symbolischer Link, kein Ordner.
    .help = Ihn durch den Ordner ersetzen, auf den er zeigt. Restow folgt ihm nicht.
backup-none-here = In { $path } ist keine Sicherung.
    .help = Den Ordner mit Ihren Sicherungen wählen. Darin liegt ein Ordner „Restow“.
backup-read-only = { $path } ist schreibgeschützt.
    .help = Den Schreibschutz aufheben oder einen anderen Ort wählen.
backup-access-denied = Der Zugriff auf { $path } wurde verweigert.
    .help = Die Berechtigungen prüfen oder einen anderen Ort wählen.
backup-disk-full = Für { $path } ist kein Speicherplatz mehr frei.
    .help = Speicherplatz freigeben oder einen anderen Ort wählen. Ihre vorhandenen Sicherungen sind unverändert.
backup-read-failed = { $path } lässt sich nicht lesen: { $cause }.
    .help = Den Datenträger und seine Verbindung prüfen, dann erneut versuchen.
backup-write-failed = { $path } lässt sich nicht schreiben: { $cause }.
    .help = Den Datenträger und seine Verbindung prüfen, dann erneut versuchen. Ihre vorhandenen Sicherungen sind unverändert.
backup-newer-format = Ein neueres Restow hat { $path } geschrieben.
    .help = Restow auf diesem Computer aktualisieren.
backup-damaged = Keine Sicherung in { $path } ist vollständig lesbar.
    .help = Eine andere Kopie der Sicherung verwenden. Was beschädigt ist: restow verify { $location }
backup-no-such-set = Die Sicherung { $set } gibt es an diesem Ort nicht.
    .help = Was dort liegt: restow backups { $location }
backup-no-such-generation = Diese Sicherung hat keine lesbare Generation { $number }.
    .help = Lesbare Generationen: { $readable }
backup-too-much = { $path } enthält mehr Daten, als eine Sicherung enthalten darf.
    .help = So hat Restow sie nicht geschrieben. Eine andere Kopie der Sicherung verwenden.
backup-forget-damaged = { $path } ist nicht lesbar; deshalb lässt sich keine Lizenz aus dieser Sicherung entfernen.
    .help = Nachsehen, was beschädigt ist (restow verify { $location }). Zur Reparatur erneut sichern, dann noch einmal versuchen.
backup-record-refused = Eine Lizenz passt nicht in eine Sicherung: { $cause }.
    .help = Einzelheiten zeigt restow why. Alle anderen lassen sich ohne sie sichern.
backup-writer-stopped = Das Schreiben der Sicherung ist aus unbekanntem Grund abgebrochen.
    .help = Bitte melden. Ihre vorhandenen Sicherungen sind unverändert.

## Schäden

damage = Sicherung { $set }, Generation { $generation }: { $cause }.
generation-damaged = beide Kopien der Indexdatei sind beschädigt
manifest-missing = die Indexdatei fehlt; ihre Kopie wird verwendet
manifest-damaged = die Indexdatei ist beschädigt; ihre Kopie wird verwendet
copy-missing = die Kopie der Indexdatei fehlt
copy-damaged = die Kopie der Indexdatei ist beschädigt
pack-missing = eine Datei der Sicherung fehlt
pack-length = eine Datei der Sicherung hat { $found } statt { $expected } Bytes
pack-unreadable = eine Datei der Sicherung ist nicht lesbar
frame-cut-off = eine Datei der Sicherung ist unvollständig
frame-changed = ein Teil einer Datei der Sicherung wurde verändert
frame-malformed = ein Teil einer Datei der Sicherung lässt sich nicht dekomprimieren
record-malformed = ein Eintrag in einer Datei der Sicherung ist beschädigt: { $cause }
count-wrong = eine Datei der Sicherung hat { $found } statt { $expected } Lizenzen
record-cut-off = der Eintrag ist unvollständig
record-left-over = der Eintrag enthält am Ende unerwartete Daten
record-not-utf8 = der Eintrag enthält ungültigen Text
record-key-id = der Eintrag enthält eine fehlerhafte Schlüssel-ID
record-range = der Eintrag enthält eine Zahl außerhalb des erlaubten Bereichs
record-too-much = der Eintrag ist größer, als eine Sicherung erlaubt
