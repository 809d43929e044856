"""URLs of signing in and out, of people, phones and tokens, and of the audit trail."""

from django.urls import path, re_path

from backplane.people import audit_views as audit
from backplane.people import directory_views as directory
from backplane.people import phone_desk_views as desk
from backplane.people import phone_views as phone
from backplane.people import token_views as tokens
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
    path("settings/people/<int:user_id>/sites/", directory.set_sites, name="person-sites"),
    path("settings/audit/", audit.show_audit, name="audit"),
    re_path(
        r"^settings/audit/export\.(?P<form>csv|json)$", audit.export_audit, name="audit-export"
    ),
    path("settings/phones/", desk.show_phones, name="phones"),
    path("settings/phones/qr/", desk.show_qr, name="phone-qr"),
    path("settings/phones/state/", desk.phones_state, name="phones-state"),
    path("settings/phones/confirm/", desk.confirm_phone, name="phone-confirm"),
    path("settings/phones/<int:pass_id>/end/", desk.end_phone, name="phone-end"),
    path("phone/", phone.phone_wait, name="phone-wait"),
    path("phone/state/", phone.phone_state, name="phone-state"),
    path("phone/enter/", phone.phone_enter, name="phone-enter"),
    path("phone/<str:secret>/", phone.phone, name="phone"),
    path("settings/tokens/", tokens.show_tokens, name="tokens"),
    path("settings/tokens/new/", tokens.make_token, name="token-make"),
    path("settings/tokens/<int:token_id>/revoke/", tokens.revoke_token, name="token-revoke"),
    path("admin/login/", views.admin_sign_in),
]
