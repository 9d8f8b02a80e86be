### Texts of the pages for people. Values are HTML.

date = { $day }. { $month } { $year }
months = Januar Februar März April Mai Juni Juli August September Oktober November Dezember

## Page about a limit

limit-title = Zu viele Computer
limit-heading = Die Höchstzahl an Computern für diese Lizenz ist erreicht
limit-heading-titled = Die Höchstzahl an Computern für „{ $title }“ ist erreicht
limit-one = Die Lizenz darf auf 1 Computer sein.
limit-many = Die Lizenz darf auf { $limit } Computern gleichzeitig sein.
limit-none = Die Lizenz darf auf keinem Computer mehr sein.
holders-heading = Computer mit dieser Lizenz
no-holders = Zurzeit hat kein Computer diese Lizenz. Versuchen Sie noch einmal, sie wiederherzustellen.
seen = zuletzt gesehen am { $date }
release = Um die Lizenz auf einem anderen Computer zu nutzen, geben Sie einen Computer frei, den Sie nicht mehr brauchen: Tippen Sie auf einem Ihrer Computer die Zeile unter seinem Namen ein.
release-then = Starten Sie dann die Wiederherstellung noch einmal. Die Lizenzen des freigegebenen Computers bleiben in Ihren Sicherungen.
unconfirmed = Wenn Sie gerade aus einer Sicherung wiederhergestellt haben, muss vielleicht zuerst ein anderer Ihrer Computer diesen bestätigen.
appeal = Wenn das nicht hilft
appeal-how = Wenn Sie keinen dieser Computer freigeben können oder einer davon nicht Ihnen gehört, fragen Sie { $name }: { $contact }

## Page of an acquisition link

link-title = Ihre Lizenzen
link-heading = Ihre Lizenzen stehen bereit
link-how = Restow holt sie mit diesem Link. Tippen Sie auf dem Computer ein, auf dem Sie die Lizenzen nutzen möchten:
link-once = Der Link gilt für eine Person. Das Öffnen dieser Seite verbraucht ihn nicht. Wenn Sie den Link nicht angefordert haben, schließen Sie die Seite.
link-next = Legen Sie danach eine Sicherung an, damit Ihre Lizenzen erhalten bleiben, falls dieser Computer verloren geht.
questions = Fragen? { $contact }

## Page for an unknown path

missing-title = Seite nicht gefunden
missing-heading = Diese Seite gibt es nicht
missing-how = Prüfen Sie, ob Sie die ganze Adresse kopiert haben.
