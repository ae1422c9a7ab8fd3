"""Encrypted DJI flight records, versions 13 and 14: where saved keys lie, what they open, what is noise.

opening (what is decided), saved_keys, features (which key for which kind), ciphers (bytes to blocks), aes, unlock
(blocks to records), believable (what a record can say).
"""
