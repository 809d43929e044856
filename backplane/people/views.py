"""Sign in, sign out, change the password."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator

from backplane.people.middleware import open_before_password_change


@method_decorator(login_not_required, name="dispatch")
class SignInView(LoginView):
    template_name = "people/sign_in.html"
    redirect_authenticated_user = True


@method_decorator(open_before_password_change, name="dispatch")
class SignOutView(LogoutView):
    pass


@method_decorator(open_before_password_change, name="dispatch")
class PasswordView(PasswordChangeView):
    template_name = "people/password.html"
    success_url = reverse_lazy("sign-in")
