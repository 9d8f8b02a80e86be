### Texte von restow-core: eine Nachricht je Code. `help` ist der nächste Schritt.
### Ein Text ohne Punkt am Ende ist Teil eines längeren Satzes: die Ursache einer anderen Nachricht.

## Lizenzdokumente

license-too-large = Die Datei ist zu groß für eine Lizenz.
    .help = Die Lizenzdatei selbst wählen, zum Beispiel eine .lcpl-Datei.
license-unknown-kind = Restow erkennt in dieser Datei keine Lizenz.
    .help = Die Lizenzdatei selbst wählen, zum Beispiel eine .lcpl-Datei.
license-malformed = Die Lizenz ({ $kind }) ist beschädigt: { $cause }.
    .help = Die Lizenz im Shop oder in der Bibliothek erneut herunterladen.
license-not-accepted = Die Lizenz wurde nicht angenommen: { $cause }.
    .help = Die Lizenz im Shop oder in der Bibliothek erneut herunterladen.
license-unknown-issuer = Der Dienst, der diese Lizenz ausgestellt hat, wurde nicht hinzugefügt ({ $issuer }).
    .help = Zuerst den Dienst hinzufügen: restow service add URL
license-key-in-clear = Die Datei enthält ungeschützte Inhaltsschlüssel. Solche Dateien speichert Restow nie.
    .help = Die Datei an ihrem Platz lassen; Restow merkt sich nur ihre Schlüssel-IDs.
license-status-document = Diese Datei enthält den Status einer Lizenz, nicht die Lizenz selbst.
    .help = Die Lizenz selbst importieren. Den Status erfragt Restow beim Anbieter: restow refresh

## Unerwartete Formen in einer Lizenz, die behalten wird

license-date-unknown =
    { $member ->
        [issued] Das Ausstellungsdatum ist nicht lesbar.
        [updated] Das Datum der letzten Änderung ist nicht lesbar.
        [start] Das Anfangsdatum ist nicht lesbar. Ob die Lizenz gilt, ist unbekannt.
       *[end] Das Enddatum ist nicht lesbar. Ob die Lizenz noch gilt, ist unbekannt.
    }
    .help = Die Lizenz wird unverändert behalten. Im Shop oder in der Bibliothek nach dem Datum fragen.
license-date-utc =
    { $member ->
        [issued] Das Ausstellungsdatum hat keine Zeitzone und wird als UTC gelesen.
        [updated] Das Datum der letzten Änderung hat keine Zeitzone und wird als UTC gelesen.
        [start] Das Anfangsdatum hat keine Zeitzone und wird als UTC gelesen.
       *[end] Das Enddatum hat keine Zeitzone und wird als UTC gelesen.
    }
    .help = Die Lizenz wird unverändert behalten. Lese-Apps zeigen womöglich eine andere Stunde.
license-date-day =
    { $member ->
        [issued] Das Ausstellungsdatum hat keine Uhrzeit und wird als Mitternacht in UTC gelesen.
        [updated] Das Datum der letzten Änderung hat keine Uhrzeit und wird als Mitternacht in UTC gelesen.
        [start] Das Anfangsdatum hat keine Uhrzeit und wird als Mitternacht in UTC gelesen.
       *[end] Das Enddatum hat keine Uhrzeit und wird als Mitternacht in UTC gelesen.
    }
    .help = Die Lizenz wird unverändert behalten. Lese-Apps zeigen womöglich einen anderen Tag.
license-amount-unknown =
    { $member ->
        [print] Wie viele Seiten gedruckt werden dürfen, ist nicht lesbar.
       *[copy] Wie viele Zeichen kopiert werden dürfen, ist nicht lesbar.
    }
    .help = Die Lizenz wird unverändert behalten. Darüber entscheiden die Lese-Apps.
license-rights-unknown = Die Rechte der Lizenz sind nicht lesbar. Ob sie gilt, ist unbekannt.
    .help = Die Lizenz wird unverändert behalten. Im Shop oder in der Bibliothek nachfragen.
license-no-links = Die Lizenz hat keine Links. Ihr Titel und ihr Anbieter sind darum unbekannt.
    .help = Die Lizenz wird unverändert behalten. Im Shop oder in der Bibliothek um eine neue bitten.
license-link-unreadable = Ein Link der Lizenz ist nicht lesbar.
    .help = Die Lizenz wird unverändert behalten. Wenn etwas fehlt, im Shop oder in der Bibliothek nachfragen.
license-profile-unknown = Die Lizenz hat eine unbekannte Art der Verschlüsselung ({ $profile }).
    .help = Die Lizenz wird unverändert behalten. Nur Lese-Apps mit dieser Art öffnen die Publikation.

## Fehler in Dokumenten

fault-empty = das Dokument ist leer
fault-cut-off = das Dokument ist unvollständig
fault-json = das Dokument ist kein JSON (Zeile { $line }, Spalte { $column })
fault-shape = ein Wert ist nicht erlaubt (Zeile { $line }, Spalte { $column }: { $text })
fault-missing = „{ $name }“ fehlt
fault-text = „{ $name }“ muss 1 bis { $max } druckbare Bytes haben
fault-date = „{ $name }“ ist kein Datum mit Uhrzeit und Zeitzone
fault-key-id-count = es müssen 1 bis 64 Schlüssel-IDs sein
fault-key-id = „{ $key }“ ist keine Schlüssel-ID
fault-key-id-twice = die Schlüssel-ID { $key } ist doppelt angegeben
fault-service-url = die Adresse des Dienstes ist länger als 2.048 Bytes
fault-right-count = das Dokument nennt mehr als 64 Rechte
fault-title = der Titel ist länger als 1.000 Zeichen
fault-not-a =
    { $shape ->
        [object] „{ $name }“ muss ein Objekt sein
       *[text] „{ $name }“ muss ein Text sein
    }
fault-not-allowed = „{ $name }“ ist dort nicht erlaubt

## Signierte Dokumente

jws-form = das Dokument ist nicht signiert
jws-header = der Kopf passt nicht zu { $kind }
jws-unknown-key = ein unbekannter Schlüssel hat es signiert ({ $key })
jws-signature = die Signatur ist falsch
jws-version = dieses Restow kennt die Version { $version } nicht
jws-payload = der Inhalt ist fehlerhaft

## Adressen

address-refused = { $url } kann nicht die Adresse eines Dienstes sein: { $cause }.
address-form = das ist keine Webadresse
address-scheme = die Adresse muss mit https:// beginnen
address-no-host = der Rechnername fehlt
address-host = der Rechnername ist nicht gültig
address-user-name = die Adresse darf keinen Benutzernamen enthalten
address-plain-http = http ist nur für diesen Computer erlaubt; https verwenden
address-port = der Port ist keine Zahl von 1 bis 65535
address-no-fingerprint = am Ende fehlt der Fingerabdruck des Ausstellers (#…)
address-not-a-link = das ist kein Link für Lizenzen
address-damaged-link = der Code oder der Fingerabdruck ist beschädigt; den ganzen Link kopieren

## Schlüssel-IDs

key-id-malformed = Das ist keine Schlüssel-ID. Möglich sind eine UUID, die 24 Zeichen einer Windows-Media-Schlüssel-ID, hex:… oder text:…

## Betriebssystem

io-not-found = diese Datei oder diesen Ordner gibt es nicht
io-denied = der Zugriff wurde verweigert
io-exists = es existiert bereits
io-not-a-folder = das ist kein Ordner
io-a-folder = das ist ein Ordner
io-read-only = der Datenträger ist schreibgeschützt
io-full = es ist kein Speicherplatz mehr frei
io-refused = dort antwortet kein Programm
io-broke-off = die Verbindung wurde unterbrochen
io-timed-out = es kam nicht rechtzeitig eine Antwort
io-unreachable = das Netz führt nicht dorthin, oder der Name existiert nicht
io-address-in-use = ein anderes Programm benutzt diese Adresse
io-no-such-address = dieser Computer hat diese Adresse nicht
io-other = { $text }

## Ergebnisse einer Anfrage nach Lizenzen

outcome-granted = erteilt
outcome-limit = Höchstzahl an Computern erreicht
outcome-daily-limit = Tageslimit erreicht
outcome-not-yours = gehört einem anderen Inhaber
outcome-revoked = widerrufen
outcome-returned = zurückgegeben
outcome-cancelled = storniert
outcome-expired = abgelaufen
