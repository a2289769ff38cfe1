"""The admin of the site's content, for people who have never seen Django."""

from pages.admin import (  # noqa: F401  they register admins
    figures,
    layout,
    photos,
    policy,
    previews,
    redirects,
    releases,
    rows,
    translations,
)
