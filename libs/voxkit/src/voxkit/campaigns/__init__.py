"""Rules of campaigns that the control plane and the dialler share; arithmetic only, no store and no clock."""
