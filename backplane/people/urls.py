"""URLs of signing in and out, of one's own password, of people for admins, and of the audit trail."""

from django.urls import path, re_path

from backplane.people import audit_views as audit
from backplane.people import directory_views as directory
from backplane.people import views

urlpatterns = [
    path("sign-in/", views.SignInView.as_view(), name="sign-in"),
    path("sign-out/", views.SignOutView.as_view(), name="sign-out"),
    path("password/", views.PasswordView.as_view(), name="password"),
    path("settings/people/", directory.show_people, name="people"),
    path("settings/people/add/", directory.add_person, name="person-add"),
    path("settings/people/<int:user_id>/role/", directory.change_role, name="person-role"),
    path("settings/people/<int:user_id>/active/", directory.set_active, name="person-active"),
    path(
        "settings/people/<int:user_id>/password/",
        directory.give_new_password,
        name="person-password",
    ),
    path("settings/audit/", audit.show_audit, name="audit"),
    re_path(
        r"^settings/audit/export\.(?P<form>csv|json)$", audit.export_audit, name="audit-export"
    ),
    path("admin/login/", views.admin_sign_in),
]
