"""Heights by datum, their consistency, floors and ceilings."""
