"""The bot of PyPI `python-telegram-bot` against the stand-in."""
import asyncio, sys

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken

base = sys.argv[1] + "/telegram/bot"


async def refused(kind, make):
    try: await make
    except kind as error: return error
    raise AssertionError(f"{kind.__name__} was not refused")


async def main():
    async with Bot("700:secret-700", base_url=base) as bot:
        assert (await bot.get_me()).is_bot
        message = await bot.send_message(5000, "<b>hello</b> &amp; more", parse_mode=ParseMode.HTML)
        assert message.text == "hello & more" and message.chat.id == 5000
        keys = InlineKeyboardMarkup([[InlineKeyboardButton("Done", callback_data="done:1")]])
        await bot.send_message(5000, "with a button", reply_markup=keys)
        await refused(Forbidden, bot.send_message(5, "x"))
        assert (await refused(ChatMigrated, bot.send_message(-77, "x"))).new_chat_id == -100077
        await refused(BadRequest, bot.send_message(4040, "x"))
        await refused(BadRequest, bot.send_message(5000, "x" * 4097))
        await refused(BadRequest, bot.send_message(5000, "<b>open", parse_mode=ParseMode.HTML))
        await bot.send_message(5000, "\U0001f600" * 2048)
        await refused(BadRequest, bot.send_message(5000, "\U0001f600" * 2049))
        await bot.answer_callback_query("q1", "done")
        await bot.edit_message_text("new", 5000, message.message_id)
        await refused(BadRequest, bot.edit_message_text("new", 5000, message.message_id))
        assert await bot.set_webhook("https://example.org/hook", secret_token="s3cret")
        assert (await bot.get_webhook_info()).url == "https://example.org/hook"
        update = Update.de_json({"update_id": 1, "message": {
            "message_id": 1, "date": 1, "text": "/start", "chat": {"id": 5000, "type": "private"}}}, bot)
        assert update.message.text == "/start"
    try:
        async with Bot("700:wrong", base_url=base) as bot: await bot.get_me()
    except InvalidToken: pass
    else: raise AssertionError("a wrong token was let in")

asyncio.run(main())
print("ok: 17 calls")
