"""Rules of campaigns that the control plane and the dialler share; arithmetic only, no store and no clock."""

from voxkit.campaigns.callbacks import CallbackWish as CallbackWish
from voxkit.campaigns.callbacks import resolve_callback_time as resolve_callback_time
from voxkit.campaigns.decision import Decision as Decision
from voxkit.campaigns.decision import Ended as Ended
from voxkit.campaigns.decision import decide as decide
from voxkit.campaigns.decision import is_connected as is_connected
from voxkit.campaigns.ids import contact_id as contact_id
from voxkit.campaigns.statistics import rates as rates
from voxkit.campaigns.statistics import share as share
from voxkit.campaigns.windows import after_open as after_open
from voxkit.campaigns.windows import closes_at as closes_at
from voxkit.campaigns.windows import hours_open as hours_open
from voxkit.campaigns.windows import is_open as is_open
from voxkit.campaigns.windows import next_open as next_open
from voxkit.campaigns.windows import open_time as open_time
from voxkit.campaigns.windows import zones_of_number as zones_of_number
