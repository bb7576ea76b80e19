# Filled in below: the installable library.
