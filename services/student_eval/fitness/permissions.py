"""Who may read and write fitness results, as dependencies of routes."""

from typing import Annotated

from fastapi import Depends

from services.student_eval.permissions import PERMISSIONS
from shared.terms.actor import Actor

WRITE = PERMISSIONS.requires("fitness.write")
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("fitness.read"))]
Writer = Annotated[Actor, Depends(WRITE)]
Nearby = Annotated[Actor, Depends(PERMISSIONS.requires("fitness.read_students"))]
Person = Annotated[Actor, Depends(PERMISSIONS.requires("fitness.read_own"))]
