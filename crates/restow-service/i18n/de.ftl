### Texte von restow-service: eine Nachricht je Code. `help` ist der nächste Schritt des Betreibers.

## Einen Dienst einrichten und betreiben

service-already-initialized = In { $path } ist bereits ein Dienst eingerichtet.
    .help = Einen anderen Ordner wählen. Restow überschreibt nie Schlüssel.
service-unfinished = Der Dienst in { $path } ist unvollständig: service.json fehlt.
    .help = Lief hier ein Dienst, service.json aus einer Kopie des Ordners zurückholen. Sonst den Ordner leeren, dann: restow admin init
service-not-initialized = In { $path } ist kein Dienst eingerichtet.
    .help = Zuerst einen einrichten: restow admin init
service-file = { $path }: { $cause }.
    .help =
    { $cause_code ->
        [io-read-only] Einen Ordner auf einem beschreibbaren Datenträger wählen.
        [io-full] Dort Speicherplatz freigeben.
       *[other] Prüfen, ob der Ordner existiert und dieser Benutzer dort lesen und schreiben darf.
    }
service-file-malformed = Die Datei { $path } ist beschädigt. { $text }
    .help = Die Datei aus einer Kopie des Dienstordners zurückholen.
service-setting =
    { $name ->
        [url] Das kann nicht die Adresse eines Dienstes sein.
        [contact] Der Kontakt muss 1 bis 500 druckbare Zeichen haben.
        [privacy_url] Die Adresse der Datenschutzseite muss mit https:// beginnen.
        [root] Das ist der Wurzelschlüssel eines anderen Dienstes.
       *[other] Die Einstellung { $name } ist nicht erlaubt: { $text }
    }
    .help =
    { $name ->
        [url] https:// und einen Rechnernamen angeben, eventuell mit Port, aber ohne Pfad. http:// ist nur für diesen Computer erlaubt (localhost, 127.0.0.1, [::1]).
        [root] Den root.key wählen, den restow admin init für diesen Dienst angelegt hat: --root DATEI
       *[other] Den Wert korrigieren.
    }
service-database = Die Datenbank { $path } lässt sich nicht öffnen. { $text }
    .help = Den Datenträger prüfen oder die Datenbank aus einer Kopie des Dienstordners zurückholen.
service-database-too-new = Ein neueres Restow hat die Datenbank { $path } geschrieben (Version { $version }).
    .help = Das neuere Restow verwenden.
service-no-root = Der Wurzelschlüssel { $path } fehlt.
    .help = Seinen Ort angeben: --root DATEI
service-keys-full = Im Schlüsselverzeichnis des Dienstes ist kein Platz für neue Schlüssel.
    .help = Ersetzte Schlüssel mit --revoke-all entfernen. Von ihnen Signiertes gilt dann nur noch mit einer Freigabe des Dienstes.
service-in-use = { $process ->
        [none] Ein anderes Programm benutzt { $path }.
       *[other] Ein anderes Programm benutzt { $path } (Prozess { $process }).
    }
    .help = Ist es ein Server, ihn zuerst beenden; sonst warten, bis es fertig ist.
service-listen = Der Dienst kann die Adresse { $address } nicht benutzen: { $cause }.
    .help = Eine andere Adresse wählen (--listen ADRESSE) oder das Programm beenden, das sie benutzt.
service-system = Dem System fehlen Mittel für einen Dienst: { $cause }.
    .help = Arbeitsspeicher freigeben oder die Grenzen dieses Benutzers erhöhen, dann erneut versuchen.

## Bedingungen von Lizenzen

terms-key-ids = „key_ids“ muss 1 bis 64 Einträge haben.
    .help = Die Bedingungen korrigieren. Es wurde nichts ausgestellt.
terms-key-id = „{ $name }“ ist keine Schlüssel-ID.
    .help = Die Bedingungen korrigieren. Es wurde nichts ausgestellt.
terms-key-id-twice = Die Schlüssel-ID { $name } ist doppelt angegeben.
    .help = Die Bedingungen korrigieren. Es wurde nichts ausgestellt.
terms-title = „title“ muss 1 bis 1.000 druckbare Zeichen haben oder fehlen.
    .help = Die Bedingungen korrigieren. Es wurde nichts ausgestellt.
terms-rights = „rights“ hat mehr als 64 Einträge.
    .help = Die Bedingungen korrigieren. Es wurde nichts ausgestellt.
terms-unknown-right = „{ $name }“ ist kein Recht. Rechte sind: { $list }.
    .help = Die Bedingungen korrigieren. Es wurde nichts ausgestellt.
terms-no-right = „rights“ braucht außer Backup ein weiteres Recht, zum Beispiel Play.
    .help = Die Bedingungen korrigieren. Es wurde nichts ausgestellt.
terms-backup-limits = Das Recht Backup hat keine Grenzen.
    .help = Die Bedingungen korrigieren. Es wurde nichts ausgestellt.
terms-range = „{ $member }“ muss zwischen { $least } und { $most } liegen oder fehlen.
    .help = Die Bedingungen korrigieren. Es wurde nichts ausgestellt.
terms-past = „{ $member }“ liegt in der Vergangenheit.
    .help = Die Bedingungen korrigieren. Es wurde nichts ausgestellt.
terms-order = „{ $first }“ muss vor „{ $second }“ liegen.
    .help = Die Bedingungen korrigieren. Es wurde nichts ausgestellt.
