"""Every address of the staff side that is not the desk or the admin. Sign-up has none.

The library finds its pages by its own names (``account_login``), the rest of the site by ours.
"""

from __future__ import annotations

from allauth.account import views as account_views
from allauth.mfa.base import views as mfa_views
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.webauthn import views as webauthn_views
from allauth.usersessions import views as session_views
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST
from django.views.generic import RedirectView
from django.views.i18n import set_language

from clinic_site.staff import views

urlpatterns: list[URLPattern] = [
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-in/", views.SignIn.as_view(), name="account_login"),
    path("sign-in/code/", views.SecondStep.as_view(), name="mfa_authenticate"),
    path("sign-in/passkey/", webauthn_views.login_webauthn, name="mfa_login_webauthn"),
    path("sign-out/", account_views.logout, name="sign-out"),
    path("sign-out/", account_views.logout, name="account_logout"),
    path("staff/language/", require_POST(set_language), name="staff-language"),
    path("staff/", mfa_views.index, name="mfa_index"),
    path("staff/password/", views.ChangePassword.as_view(), name="account_change_password"),
    path("staff/app/new/", views.NewApp.as_view(), name="mfa_activate_totp"),
    path("staff/app/remove/", views.RemoveApp.as_view(), name="mfa_deactivate_totp"),
    path(
        "staff/passkeys/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"
    ),
    path("staff/passkeys/new/", views.NewPasskey.as_view(), name="mfa_add_webauthn"),
    path(
        "staff/passkeys/<int:pk>/remove/", views.RemovePasskey.as_view(), name="mfa_remove_webauthn"
    ),
    path(
        "staff/passkeys/<int:pk>/rename/", views.RenamePasskey.as_view(), name="mfa_edit_webauthn"
    ),
    path(
        "staff/recovery-codes/", recovery_views.view_recovery_codes, name="mfa_view_recovery_codes"
    ),
    path(
        "staff/recovery-codes/new/",
        views.NewRecoveryCodes.as_view(),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "staff/recovery-codes/download/",
        recovery_views.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path("staff/confirm/", views.ConfirmByPassword.as_view(), name="account_reauthenticate"),
    path("staff/confirm/code/", views.ConfirmByCode.as_view(), name="mfa_reauthenticate"),
    path(
        "staff/confirm/passkey/",
        views.ConfirmByPasskey.as_view(),
        name="mfa_reauthenticate_webauthn",
    ),
    path("staff/sessions/", session_views.list_usersessions, name="usersessions_list"),
    path("staff/sessions/<int:pk>/end/", views.end_session, name="staff-session-end"),
    path("staff/invitation/", views.accept_invitation, name="staff-invitation-accept"),
    path("staff/invitation/<str:uid>/<str:token>/", views.open_invitation, name="staff-invitation"),
]
