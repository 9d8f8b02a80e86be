### Texte von restow-lcp: eine Nachricht je Code. `help` ist der nächste Schritt.
### Ein Text ohne Punkt am Ende ist Teil eines längeren Satzes: die Ursache einer anderen Nachricht.

## Stammzertifikate

root-no-certificate = Diese Datei enthält kein Zertifikat in PEM oder DER.
    .help = Eine Zertifikatsdatei wählen, zum Beispiel die von der Lizenzstelle veröffentlichte.
root-not-an-authority = Das Zertifikat „{ $name }“ kann keine Anbieter zertifizieren.
    .help = Nach dem Zertifikat der Stelle fragen, die diesen Anbieter zertifiziert hat.
root-unreliable = Das Zertifikat „{ $name }“ ist nicht verlässlich: { $cause }.
    .help = Die Lizenzstelle nach ihrem aktuellen Zertifikat fragen.
root-distrusted = Sie misstrauen dem Zertifikat „{ $name }“.
    .help = Es zuerst von der Liste entfernen: restow roots remove FINGERABDRUCK
root-other-certificate = Diese Datei enthält nicht das erwartete Zertifikat.
    .help = Das Zertifikat bei seiner Stelle holen.
root-too-many = Die Liste ist voll: Sie enthält 100 Zertifikate.
    .help = Nicht mehr benötigte entfernen: restow roots remove FINGERABDRUCK
root-no-such = Der Fingerabdruck { $fingerprint } passt nicht zu genau einem Zertifikat.
    .help = Mindestens die ersten 8 Ziffern eingeben. Alle Zertifikate: restow roots

## Ungültige Signaturen

invalid-document = die Lizenz ist beschädigt, denn { $cause }
invalid-unsigned = sie hat keine Signatur
invalid-no-date = ihr Datum ist nicht lesbar, darum ist das Zertifikat des Anbieters nicht prüfbar
invalid-base64 = „{ $name }“ ist beschädigt (kein Base64)
invalid-certificate = das Zertifikat des Anbieters ist nicht lesbar
invalid-algorithm = das Signaturverfahren „{ $algorithm }“ ist unbekannt
invalid-key-type = das Signaturverfahren passt nicht zum Schlüssel von „{ $name }“
invalid-signature = die Lizenz wurde geändert, oder „{ $name }“ hat sie nicht signiert
invalid-weak-key = das Zertifikat „{ $name }“ hat einen schwachen RSA-Schlüssel ({ $bits } Bit)
invalid-weak-algorithm = das Zertifikat „{ $name }“ hat eine schwache Signatur ({ $algorithm })
invalid-unsupported = das Zertifikat „{ $name }“ hat ein Merkmal, das Restow nicht kennt ({ $text })
invalid-usage = das Zertifikat „{ $name }“ darf keine Dokumente signieren
invalid-not-yet-valid = das Zertifikat „{ $name }“ gilt ab { $from }, aber die Lizenz ist vom { $time }
invalid-expired = das Zertifikat „{ $name }“ galt bis { $until }, aber die Lizenz ist vom { $time }
invalid-root-not-valid = das Stammzertifikat „{ $name }“ gilt von { $from } bis { $until }, aber die Lizenz ist vom { $time }
invalid-chain = das Stammzertifikat „{ $root }“ hat das Zertifikat „{ $name }“ nicht signiert, obwohl es das angibt
invalid-distrusted = Sie misstrauen dem Zertifikat „{ $name }“

## Links

template-brace = eine Klammer ist nicht geschlossen
template-expression = in Klammern steht ein unbekannter Ausdruck
template-too-long = er ist zu lang
