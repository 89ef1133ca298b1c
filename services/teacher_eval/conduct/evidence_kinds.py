"""Kinds of files of a case: of the inquiry, for those who handle it, and of the hearing, which the person sees too."""

INQUIRY = "conduct_inquiry"
HEARING = "conduct_hearing"
