"""A message in the words of each kind of channel."""

import html
from collections.abc import Callable

from scoring.alerts.message import Item, Message
from scoring.alerts.text import entities, fenced, quoted

LONGEST_SLACK = 8000
LONGEST_DISCORD = 2000
"""Of `content`, https://discord.com/developers/docs/resources/webhook#execute-webhook"""


def chat(message: Message, escape: Callable[[str], str], longest: int) -> str:
    """Return the message for a chat, of at most `longest` characters; whole items only."""
    head = f"*{message.headline}*"
    tail = [escape(quoted(note)) for note in message.notes]
    if message.page:
        tail.append(escape(message.page))
    shown: list[str] = []
    room = longest - len(head) - sum(len(line) + 1 for line in tail) - 60
    for each in message.items:
        text = chat_item(each, escape)
        if len(text) + 1 > room:
            break
        shown.append(text)
        room -= len(text) + 1
    if missing := len(message.items) - len(shown):
        tail.insert(0, f"{missing} more did not fit here.")
    return "\n".join([head, *shown, *tail])[:longest]


def chat_item(each: Item, escape: Callable[[str], str]) -> str:
    """Return one item as lines of a chat; what logs say is code, which mentions nobody."""
    where = f"{each.severity.upper()} {escape(quoted(each.source))} ({each.count_logs:,} logs)"
    lines = [where, *(f"• {escape(quoted(reason))}" for reason in each.reasons)]
    if each.line or each.template:
        lines.append(f"> {escape(quoted(each.line or each.template))}")
    if each.link:
        lines.append(escape(each.link))
    lines.append(f"mute: {escape(quoted(each.mute))}")
    return "\n".join(lines)


def markdown(message: Message) -> str:
    """Return the message in GitHub's Markdown; what logs say is in fences."""
    return "\n\n".join(
        [
            *(markdown_item(each) for each in message.items),
            *([fenced("\n".join(message.notes))] if message.notes else []),
            *([f"[Open the page]({message.page})"] if message.page else []),
        ]
    )


def markdown_item(each: Item) -> str:
    """Return one item as Markdown."""
    said = [f"{each.source}: {each.count_logs:,} logs, first at {each.first_logged_at}"]
    said += [f"- {reason}" for reason in each.reasons]
    if each.line or each.template:
        said.append(each.line or each.template)
    lines = [f"### {each.severity}", fenced("\n".join(said))]
    if each.link:
        lines.append(f"[Show the logs]({each.link})")
    lines.append("Mute for a week:\n" + fenced(each.mute).replace("```text", "```sh", 1))
    return "\n\n".join(lines)


def letter(message: Message) -> str:
    """Return the message as plain text for a mail."""
    parts = []
    for each in message.items:
        lines = [
            f"{each.severity.upper()} {each.source}: {each.count_logs:,} logs, "
            f"first at {each.first_logged_at}",
            *(f"  - {reason}" for reason in each.reasons),
            *([f"  > {each.line or each.template}"] if each.line or each.template else []),
            *([f"  {each.link}"] if each.link else []),
            f"  mute: {each.mute}",
        ]
        parts.append("\n".join(lines))
    parts += message.notes
    if message.page:
        parts.append(message.page)
    return "\n\n".join(parts) + "\n"


def page(message: Message) -> str:
    """Return the message as HTML for a mail; everything escaped."""
    parts = [f"<h2>{html.escape(message.title)}</h2>"]
    for each in message.items:
        reasons = "".join(f"<li>{html.escape(reason)}</li>" for reason in each.reasons)
        line = html.escape(each.line or each.template)
        parts.append(
            f"<h3>{html.escape(each.severity)} {html.escape(each.source)}</h3>"
            f"<p>{each.count_logs:,} logs, first at {html.escape(each.first_logged_at)}</p>"
            f"<ul>{reasons}</ul>"
            + (f"<pre>{line}</pre>" if line else "")
            + (f'<p><a href="{html.escape(each.link)}">Show the logs</a></p>' if each.link else "")
            + f"<p>Mute: <code>{html.escape(each.mute)}</code></p>"
        )
    parts += [f"<p>{html.escape(note)}</p>" for note in message.notes]
    return "\n".join(parts)


def slack(message: Message) -> str:
    """Return the text that Slack and Mattermost read."""
    return chat(message, entities, LONGEST_SLACK)


def discord(message: Message) -> str:
    """Return the content that Discord reads."""
    return chat(message, str, LONGEST_DISCORD)
