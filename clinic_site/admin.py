"""What the project itself adds to the admin: the staff's accounts."""

from clinic_site.staff.admin import StaffAdmin

__all__ = ["StaffAdmin"]
