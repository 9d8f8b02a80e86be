### Texte von restow-media: eine Nachricht je Code. `help` ist der nächste Schritt.
### Ein Text ohne Punkt am Ende ist Teil eines längeren Satzes: die Ursache einer anderen Nachricht oder eine Warnung.

## Fehler beim Einbetten einer Lizenz

put-read = Das Buch lässt sich nicht lesen: { $cause }.
    .help = Den Datenträger prüfen und es erneut versuchen. Nichts wurde geändert.
put-write = Das Buch lässt sich nicht schreiben: { $cause }.
    .help = Prüfen, ob Sie dort schreiben dürfen und ob Speicherplatz frei ist.
put-no-place = Diese Datei ist kein Buch, das eine Lizenz aufnehmen kann.
    .help = Ein EPUB oder ein anderes Buch mit LCP-Schutz wählen.
put-refused = Das Buch ist beschädigt: { $cause }.
    .help = Es im Shop oder in der Bibliothek erneut herunterladen. Nichts wurde geändert.
put-no-room = Im Buch ist kein Platz für eine Lizenz.
    .help = Die Lizenzdatei daneben aufbewahren.

## Fehler beim Lesen einer Datei

probe-open = Die Datei lässt sich nicht öffnen: { $cause }.
probe-read = Die Datei lässt sich nicht lesen: { $cause }.
probe-damaged = Das Buch ist beschädigt: { $cause }.

## Warnungen

header-truncated = die Datei endet mitten im Kopf: Vorhanden sind { $found } von { $stated } Bytes
header-too-large = der Kopf ist zu groß: Er hat { $stated } Bytes, und Restow liest { $limit }
header-too-small = der Kopf gibt eine unmögliche Größe von { $stated } Bytes an
object-size = das Objekt bei Byte { $offset } gibt eine unmögliche Größe von { $stated } Bytes an
object-count = der Kopf gibt { $stated } Objekte an, enthält aber { $found }
stray-bytes = der Kopf enthält ab Byte { $offset } ungenutzte Bytes (Länge: { $len })
object-malformed = das Objekt „{ $object }“ ist fehlerhaft
no-streams = der Kopf beschreibt weder Ton noch Bild
no-media-data = auf den Kopf folgen keine Mediendaten
system-not-named = der Inhalt ist verschlüsselt, aber die Datei nennt kein Schutzsystem
protection-type-unknown = die Schutzart „{ $name }“ ist unbekannt
header-version-unknown = der Schutzkopf hat die unbekannte Version „{ $name }“
protection-header-missing = der Schutzkopf fehlt oder ist nicht lesbar
protection-header-malformed = der Schutzkopf ist unvollständig oder fehlerhaft
key-id-unusual = eine Schlüssel-ID im Schutzkopf hat eine ungewöhnliche Form
value-too-long = ein Wert ist zu lang und wurde übersprungen
values-too-many = es gibt zu viele Werte einer Art; der Rest wurde übersprungen
package-directory-missing = die Datei ist unvollständig: Am Ende fehlt das Verzeichnis
leading-bytes = vor dem Kopf der Datei stehen { $len } andere Bytes
object-too-large = ein Teil des Kopfes ist zu groß: Er hat { $stated } Bytes, und Restow liest { $limit }
entry-over-limit = „{ $name }“ ist zu groß: Restow liest { $limit } Bytes
password-needed = ein Passwort sperrt die Datei
rights-unknown = „{ $name }“ nennt einen Schutz, den Restow nicht kennt
format-not-examined = den Schutz dieses Formats liest Restow nicht
entries-overlap = Dateien im Paket überschneiden sich
entry-escapes = ein Dateiname im Paket führt aus dem Paket hinaus
archive-too-large = das Archiv enthält entpackt mehr, als Restow liest
encryption-missing = das Buch hat eine Lizenz, aber die Liste seiner verschlüsselten Teile fehlt, daher kann keine Lese-App es öffnen; das Buch neu im Shop oder in der Bibliothek holen
entry-missing = „{ $name }“ fehlt im Paket
entry-twice = „{ $name }“ ist mehrfach im Paket
entry-contradiction = „{ $name }“ ist im Paket an zwei Stellen verschieden beschrieben
entry-damaged = „{ $name }“ ist beschädigt
entry-too-large = „{ $name }“ ist größer, als Restow liest
entry-password = „{ $name }“ ist mit einem Passwort gesperrt
entry-packing = „{ $name }“ ist auf eine Weise komprimiert, die in Büchern nicht erlaubt ist
entry-unpack-first = „{ $name }“ ist komprimiert und zu groß, um es im Archiv zu lesen
entry-archive = „{ $name }“ ist ein Archiv im Archiv, das Restow nicht durchsucht
entry-malformed = „{ $name }“ ist fehlerhaft
