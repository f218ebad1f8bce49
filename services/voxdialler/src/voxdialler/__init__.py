"""The campaign loop of Vox: leases contacts, paces dials, places calls, hands them to workers, settles the rest."""

__version__ = "0.1.0"
