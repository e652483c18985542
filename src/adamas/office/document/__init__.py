"""The certificate as a document: PDF/A-3 with its bundle attached, QR code, security form, and the office's seal.

No Django here: content in, bytes out. :mod:`adamas.office.certification.printing` makes the content from an office.
"""
