"""The library's pages as we serve them: one status for a refused form, our words, our rules.

They are classes because django-allauth's are; what is ours alone is a function.
"""

from __future__ import annotations

from typing import Any

from allauth.account import views as account_views
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import views as mfa_views
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.totp import views as totp_views
from allauth.mfa.webauthn import views as webauthn_views
from allauth.mfa.webauthn.internal.auth import begin_registration
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic_site.staff import invitations, standing
from clinic_site.staff.guessing import remember_browser
from clinic_site.staff.sessions import end_all, renew_key
from intake import audit

_INVITATION = "invitation"


class Refusing:
    """A form that is refused answers 422; one tried too often answers 429."""

    def form_invalid(self, form: Any) -> Any:
        response = super().form_invalid(form)  # type: ignore[misc]
        codes = {error.code for errors in form.errors.as_data().values() for error in errors}
        if response.status_code == 200:
            limited = codes & {"too_many_login_attempts", "rate_limited"}
            response.status_code = 429 if limited else 422
        return response


class SignIn(Refusing, account_views.LoginView):  # type: ignore[misc]
    template_name = "staff/sign_in.html"


class SecondStep(Refusing, mfa_views.AuthenticateView):  # type: ignore[misc]
    """The code or the key after the password."""


class _Confirmed:
    """After confirming, the session goes on under another key: an old copy of it is worth nothing."""

    def form_valid(self, form: Any) -> Any:
        response = super().form_valid(form)  # type: ignore[misc]
        renew_key(self.request)  # type: ignore[attr-defined]
        return response


class ConfirmByPassword(_Confirmed, Refusing, account_views.ReauthenticateView):  # type: ignore[misc]
    pass


class ConfirmByCode(_Confirmed, Refusing, mfa_views.ReauthenticateView):  # type: ignore[misc]
    pass


class ConfirmByPasskey(_Confirmed, webauthn_views.ReauthenticateWebAuthnView):  # type: ignore[misc]
    def form_invalid(self, form: Any) -> HttpResponse:
        """Back to this page, not to the sign-in page, which somebody signed in does not see."""
        messages.error(self.request, gettext("That passkey did not work. Try again."))
        return redirect(self.request.get_full_path())


@method_decorator(login_required, name="dispatch")
class ChangePassword(Refusing, account_views.PasswordChangeView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> Any:
        """All sessions end, on every device and here."""
        end_all(user=form.user)
        audit.record(actor=form.user, action="password_changed")
        return super().form_valid(form)


class _Enrolled:
    """After a new factor: this session has shown it, and no other session goes on without."""

    kind: str

    def form_valid(self, form: Any) -> Any:
        request: HttpRequest = self.request  # type: ignore[attr-defined]
        user = request.user
        assert isinstance(user, User)
        had_factor = standing.has_factor(user)
        response = super().form_valid(form)  # type: ignore[misc]
        if not had_factor:
            end_all(user=user, but=request.session.session_key or "")
        record_authentication(request, user, "mfa", type=self.kind, reauthenticated=True)
        audit.record(actor=user, action="factor_added", detail={"kind": str(self.kind)})
        return response


class NewApp(Refusing, _Enrolled, totp_views.ActivateTOTPView):  # type: ignore[misc]
    kind = Authenticator.Type.TOTP


class NewPasskey(Refusing, _Enrolled, webauthn_views.AddWebAuthnView):  # type: ignore[misc]
    kind = Authenticator.Type.WEBAUTHN

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Ask for a key that is kept on the device and verifies its user: it replaces the password."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        user = self.request.user
        context["js_data"] = {"creation_options": begin_registration(user, True)}
        return context


def _note_removal(request: HttpRequest, kind: str) -> None:
    assert isinstance(request.user, User)
    audit.record(actor=request.user, action="factor_removed", detail={"kind": str(kind)})


class RemoveApp(Refusing, totp_views.DeactivateTOTPView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> Any:
        response = super().form_valid(form)
        _note_removal(self.request, Authenticator.Type.TOTP)
        return response


class RemovePasskey(webauthn_views.RemoveWebAuthnView):  # type: ignore[misc]
    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form: Any) -> HttpResponse:
        if not get_adapter().can_delete_authenticator(self.get_object()):
            messages.error(
                self.request, get_adapter().error_messages["cannot_delete_authenticator"]
            )
            return redirect("mfa_index")
        response: HttpResponse = super().form_valid(form)
        _note_removal(self.request, Authenticator.Type.WEBAUTHN)
        return response


class RenamePasskey(Refusing, webauthn_views.EditWebAuthnView):  # type: ignore[misc]
    success_url = reverse_lazy("mfa_index")


class NewRecoveryCodes(Refusing, recovery_views.GenerateRecoveryCodesView):  # type: ignore[misc]
    pass


@require_POST
@login_required
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of my own sessions, somewhere else or here."""
    session = UserSession.objects.filter(pk=pk, user_id=request.user.pk).first()
    if session is None:
        raise Http404
    is_here = session.session_key == request.session.session_key
    session.end()
    if is_here:
        logout(request)
        return redirect("sign-in")
    return redirect("usersessions_list")


@never_cache
@require_safe
def open_invitation(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Take the secret out of the address at once: addresses end up in histories and logs.

    Opening uses nothing up, because mail scanners open links too.
    """
    if invitations.invited(uid, token) is None:
        return render(request, "staff/invitation_over.html", status=410)
    logout(request)
    request.session[_INVITATION] = [uid, token]
    return redirect("staff-invitation-accept")


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def accept_invitation(request: HttpRequest) -> HttpResponse:
    """Choose a password; then sign in with it, and set up the second factor."""
    uid, token = request.session.get(_INVITATION, ["", ""])
    user = invitations.invited(uid, token)
    if user is None:
        return render(request, "staff/invitation_over.html", status=410)
    form = SetPasswordForm(user, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(
            request, "staff/invitation.html", {"form": form, "invited": user}, status=status
        )
    password = form.cleaned_data["new_password1"]
    if invitations.accept(uid=uid, token=token, password=password) is None:
        return render(request, "staff/invitation_over.html", status=410)
    del request.session[_INVITATION]
    messages.success(
        request,
        gettext("Your password is set. Sign in as %(name)s.") % {"name": user.get_username()},
    )
    response = redirect(reverse("sign-in"))
    remember_browser(request, response, name=user.get_username())
    return response
