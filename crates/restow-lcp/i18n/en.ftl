### Texts of restow-lcp: one message per code. `help` is the next action of the user.
### A text without a final period is a part of a longer sentence: the cause of another message.

## Root certificates

root-no-certificate = This file has no certificate in PEM or DER.
    .help = Choose a certificate file, such as the one that the license authority publishes.
root-not-an-authority = The certificate “{ $name }” cannot certify providers.
    .help = Ask for the certificate of the authority that certified this provider.
root-unreliable = The certificate “{ $name }” is not reliable: { $cause }.
    .help = Ask the license authority for its current certificate.
root-distrusted = You distrust the certificate “{ $name }”.
    .help = Remove it from the list first: restow roots remove FINGERPRINT
root-other-certificate = This file does not have the expected certificate.
    .help = Get the certificate from its authority.
root-too-many = The list is full: it has 100 certificates.
    .help = Remove those that you no longer need: restow roots remove FINGERPRINT
root-no-such = The fingerprint { $fingerprint } does not match exactly one certificate.
    .help = Type at least its first 8 digits. See all: restow roots

## Invalid signatures

invalid-document = the license is damaged, because { $cause }
invalid-unsigned = it has no signature
invalid-no-date = its date cannot be read, so the certificate of the provider cannot be checked
invalid-base64 = “{ $name }” is damaged (not base64)
invalid-certificate = the certificate of the provider cannot be read
invalid-algorithm = the signature algorithm “{ $algorithm }” is unknown
invalid-key-type = the signature algorithm does not fit the key of “{ $name }”
invalid-signature = the license was changed, or “{ $name }” did not sign it
invalid-weak-key = the certificate “{ $name }” has a weak RSA key ({ $bits } bits)
invalid-weak-algorithm = the certificate “{ $name }” has a weak signature ({ $algorithm })
invalid-unsupported = the certificate “{ $name }” has a feature that Restow does not know ({ $text })
invalid-usage = the certificate “{ $name }” may not sign documents
invalid-not-yet-valid = the certificate “{ $name }” is valid from { $from }, but the license is of { $time }
invalid-expired = the certificate “{ $name }” was valid until { $until }, but the license is of { $time }
invalid-root-not-valid = the root certificate “{ $name }” is valid from { $from } to { $until }, but the license is of { $time }
invalid-chain = the root certificate “{ $root }” did not sign the certificate “{ $name }”, which claims it
invalid-distrusted = you distrust the certificate “{ $name }”

## Links

template-brace = a brace is not closed
template-expression = it has an unknown expression in braces
template-too-long = it is too long
