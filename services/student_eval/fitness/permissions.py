"""Who may read and write fitness results, as dependencies of routes."""

from typing import Annotated

from fastapi import Depends

from services.student_eval.permissions import PERMISSIONS
from shared.terms.actor import Actor

Reader = Annotated[Actor, Depends(PERMISSIONS.requires("fitness.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("fitness.write"))]
Nearby = Annotated[Actor, Depends(PERMISSIONS.requires("fitness.read_students"))]
Person = Annotated[Actor, Depends(PERMISSIONS.requires("fitness.read_own"))]
