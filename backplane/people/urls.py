"""URLs of signing in and out, and of one's own password."""

from django.urls import path

from backplane.people import views

urlpatterns = [
    path("sign-in/", views.SignInView.as_view(), name="sign-in"),
    path("sign-out/", views.SignOutView.as_view(), name="sign-out"),
    path("password/", views.PasswordView.as_view(), name="password"),
    path("admin/login/", views.admin_sign_in),
]
