from . import controllers, models, reports, wizards
from .hooks import pre_init_hook
