"""IAM's judgement where ministack's stops: managed policies, PassRole, deliveries, encryption, OIDC.

Each module is a plug-in or helps one; services above may ask it for what a request is about.
"""
