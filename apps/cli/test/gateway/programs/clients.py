"""What the tests run behind the gateway: the packages of OpenAI and Anthropic, as they are used. Prints what each call gives."""

import asyncio
import json
import sys

import anthropic
import openai
from pydantic import BaseModel

MODEL = "gpt-4o-mini"
CLAUDE = "claude-sonnet-4-6"
CONTENT = "Kraków's river?"
MESSAGES = [{"role": "user", "content": CONTENT}]
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}
TOOLS = [{"type": "function", "function": {"name": "river", "description": "River of a city", "parameters": PARAMETERS}}]


class City(BaseModel):
    city: str


openai_client = openai.OpenAI(api_key="k", max_retries=0)
async_openai = openai.AsyncOpenAI(api_key="k", max_retries=0)
claude = anthropic.Anthropic(api_key="k", max_retries=0)
async_claude = anthropic.AsyncAnthropic(api_key="k", max_retries=0)


def chat():
    return openai_client.chat.completions.create(model=MODEL, messages=MESSAGES).model_dump()


def chat_stream():
    chunks = list(openai_client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True))
    return text_of(chunks)


def chat_stream_helper():
    with openai_client.chat.completions.stream(model=MODEL, messages=MESSAGES) as stream:
        stream.until_done()
        return stream.get_final_completion().choices[0].message.content


def chat_usage():
    options = {"include_usage": True}
    chunks = list(openai_client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True, stream_options=options))
    return [text_of(chunks), chunks[-1].usage.model_dump()]


def chat_tools():
    asked = openai_client.chat.completions.create(model=MODEL, messages=MESSAGES, tools=TOOLS, tool_choice="required")
    call = asked.choices[0].message.tool_calls[0]
    result = {"role": "tool", "tool_call_id": call.id, "content": "Vistula"}
    messages = [*MESSAGES, asked.choices[0].message, result]
    told = openai_client.chat.completions.create(model=MODEL, messages=messages, tools=TOOLS)
    return [call.function.model_dump(), told.choices[0].message.content]


def chat_parse():
    parsed = openai_client.chat.completions.parse(model=MODEL, messages=MESSAGES, response_format=City)
    return parsed.choices[0].message.parsed.model_dump()


def chat_raw():
    raw = openai_client.chat.completions.with_raw_response.create(model=MODEL, messages=MESSAGES)
    return [raw.status_code, raw.headers["content-type"], raw.parse().choices[0].message.content]


async def chat_async():
    return (await async_openai.chat.completions.create(model=MODEL, messages=MESSAGES)).model_dump()


async def chat_async_stream():
    return text_of([chunk async for chunk in await async_openai.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True)])


async def chat_at_once():
    calls = [async_openai.chat.completions.create(model=MODEL, messages=MESSAGES, seed=1) for _ in range(10)]
    return [one.choices[0].message.content for one in await asyncio.gather(*calls)]


def embeddings():
    return openai_client.embeddings.create(model="text-embedding-3-small", input=["one", "twelve"]).model_dump()


def embeddings_float():
    return openai_client.embeddings.create(model="text-embedding-3-small", input="eleven", encoding_format="float").model_dump()


def responses():
    return openai_client.responses.create(model="gpt-5-mini", input=CONTENT).output_text


def responses_stream():
    events = list(openai_client.responses.create(model="gpt-5-mini", input=CONTENT, stream=True))
    deltas = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    return [deltas, events[-1].response.output_text]


def responses_parse():
    return openai_client.responses.parse(model="gpt-5-mini", input=CONTENT, text_format=City).output_parsed.model_dump()


def responses_tools():
    tool = {"type": "function", "name": "river", "parameters": PARAMETERS, "strict": True}
    return [item.model_dump() for item in openai_client.responses.create(model="gpt-5-mini", input=CONTENT, tools=[tool]).output]


def messages():
    return claude.messages.create(model=CLAUDE, max_tokens=64, messages=MESSAGES).model_dump()


def messages_stream():
    with claude.messages.stream(model=CLAUDE, max_tokens=64, messages=MESSAGES) as stream:
        text = "".join(stream.text_stream)
        return [text, stream.get_final_message().model_dump()]


def messages_tools():
    tools = [{"name": "river", "description": "River of a city", "input_schema": PARAMETERS}]
    return claude.messages.create(model=CLAUDE, max_tokens=64, messages=MESSAGES, tools=tools).model_dump()


async def messages_async():
    return (await async_claude.messages.create(model=CLAUDE, max_tokens=64, messages=MESSAGES)).model_dump()


async def messages_async_stream():
    async with async_claude.messages.stream(model=CLAUDE, max_tokens=64, messages=MESSAGES) as stream:
        return [piece async for piece in stream.text_stream][-1:] and (await stream.get_final_message()).model_dump()


def text_of(chunks):
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


CALLS = [
    *[chat, chat_stream, chat_stream_helper, chat_usage, chat_tools, chat_parse, chat_raw],
    *[chat_async, chat_async_stream, chat_at_once, embeddings, embeddings_float],
    *[responses, responses_stream, responses_parse, responses_tools],
    *[messages, messages_stream, messages_tools, messages_async, messages_async_stream],
]


async def main():
    for call in CALLS:
        result = call()
        if asyncio.iscoroutine(result):
            result = await result
        print(json.dumps({"call": call.__name__, "result": result}), flush=True)


if sys.argv[1:] == ["error"]:
    try:
        chat()
    except openai.APIStatusError as error:
        print(json.dumps([type(error).__name__, error.status_code, error.body]))
else:
    asyncio.run(main())
