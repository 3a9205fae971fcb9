"""Sends one text message to one number through Twilio or the message sandbox.

Same words as the mail integration: *message*, *accepted*, *dedupe key*. `contract` names the port and its errors,
`factory` picks the provider.
"""
