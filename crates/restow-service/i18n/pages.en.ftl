### Texts of the pages for people. Values are HTML.

date = { $day } { $month } { $year }
months = January February March April May June July August September October November December

## Page about a limit

limit-title = Too many computers
limit-heading = The limit of computers for this license is reached
limit-heading-titled = The limit of computers for “{ $title }” is reached
limit-one = The license may be on 1 computer at a time.
limit-many = The license may be on { $limit } computers at the same time.
limit-none = The license may not be on any computer any more.
holders-heading = Computers with this license
no-holders = No computer has this license now. Try again to restore it.
seen = last seen on { $date }
release = To use the license on another computer, release a computer that you no longer need. On any of your computers, type the line below its name.
release-then = Then restore again. The licenses of the released computer stay in your backups.
unconfirmed = If you have just restored from a backup, another of your computers may have to confirm this computer first.
appeal = If this does not help
appeal-how = If you cannot release any of these computers, or if one of them is not yours, ask { $name }: { $contact }

## Page of an acquisition link

link-title = Your licenses
link-heading = Your licenses are ready
link-how = Restow gets them with this link. On the computer where you want to use them, type:
link-once = The link works for one person. Opening this page does not use it up. If you did not ask for this link, close the page.
link-next = Then make a backup, so that you keep your licenses if this computer is lost.
questions = Questions? { $contact }

## Page for an unknown path

missing-title = Page not found
missing-heading = This page does not exist
missing-how = Check that you copied the whole address.
