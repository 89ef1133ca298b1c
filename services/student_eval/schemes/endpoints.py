"""Routes of the schemes of pupils: those of the kit."""

from services.student_eval.permissions import PERMISSIONS
from services.student_eval.schemes.mounted import SCHEMES
from shared.kits.schemes.endpoints import schemes_routers

built_in, schemes = schemes_routers(SCHEMES, PERMISSIONS)
