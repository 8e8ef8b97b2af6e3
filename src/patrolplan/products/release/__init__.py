"""Release profiles: packs for wider circles, built anew from what may leave."""

from patrolplan.products.release.folder import (
    build_release,
    check_folder,
    render_release_page,
    write_release,
)
from patrolplan.products.release.profiles import (
    PROFILES,
    Custody,
    Profile,
    ReleaseError,
    find_custody,
    read_profile,
)

__all__ = [
    "PROFILES",
    "Custody",
    "Profile",
    "ReleaseError",
    "build_release",
    "check_folder",
    "find_custody",
    "read_profile",
    "render_release_page",
    "write_release",
]
