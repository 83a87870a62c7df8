"""The whole engine once more, slow and obvious: the oracle of the laws.

It is written from the documentation and knows of salesflow only what anybody can import: commands,
playbooks, deals. It keeps what happened as a list and works everything out anew whenever it is
asked. Nothing of the engine is used, not even its facts.

- `record`: what happened to a deal, and what of it stands.
- `ways`: where a deal can go, and what is asked on the way.
- `knowledge`: what is known of a deal: the facts that rules read, and which criteria are met.
- `people`: who may do something, and when.
- `asked`, `going`, `saying`, `handling`: what each command asks for, and what it does.
- `engine`: one deal under one playbook; whom it believes, and in which order.
- `listing`: every command that somebody may want to give.
"""
