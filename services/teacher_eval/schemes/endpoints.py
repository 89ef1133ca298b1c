"""Routes of the schemes of staff: those of the kit."""

from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.schemes.mounted import SCHEMES
from shared.kits.schemes.endpoints import schemes_routers

built_in, schemes = schemes_routers(SCHEMES, PERMISSIONS)
