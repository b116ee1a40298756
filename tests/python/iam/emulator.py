"""LocalEmu, which evaluates the policies of who calls: run as a script, it serves until its standard input closes.

It takes the actions of Step Functions by a name that policies don't have, and log streams for their groups: both are put
right here. Of calls of KMS it does not tell policies the encryption context, nor through which service they come: the
header X-Via-Service says it here, as S3 does of calls with the rights of who calls it.

It is written for Python 3.13. Before that, its type parameters, which only annotate, are made type variables as its
files are read.
"""

import importlib.machinery
import os
import re
import runpy
import signal
import sys
import threading
import typing
import warnings

import typing_extensions

SIGNATURE = re.compile(r"^([ \t]*)((?:async )?def|class) (\w+)\[([^\]]*)\]", re.MULTILINE)
CLASS = re.compile(r"^([ \t]*class \w+?)__OF_(\w+?)__(?:\(([^)]*)\))?:", re.MULTILINE)
ALIAS = re.compile(r"^([ \t]*)type (\w+)(?:\[([^\]]*)\])? = ", re.MULTILINE)
FUTURE = re.compile(r"^from __future__ import .*\n", re.MULTILINE)


def without_type_parameters(text):
    variables = set()

    def names(listed):
        found = [one.split(":")[0].split("=")[0].strip() for one in (listed or "").split(",")]
        variables.update(name.lstrip("*") for name in found if name)
        return [name for name in found if not name.startswith("*")]

    def signature(match):
        indent, word, name, listed = match.groups()
        found = names(listed)
        return f"{indent}{word} {name}" + (f"__OF_{'_AND_'.join(found)}__" if word == "class" else "")

    def bases(match):
        given = (match[3] or "").strip()
        generic = f"_typing.Generic[{match[2].replace('_AND_', ', ')}]"
        return f"{match[1]}({given + ', ' if given else ''}{generic}):"

    def alias(match):
        names(match[3])
        return f"{match[1]}{match[2]} = "

    text = ALIAS.sub(alias, CLASS.sub(bases, SIGNATURE.sub(signature, text)))
    head = "import typing as _typing\n"
    for name in sorted(variables):
        head += f"{name} = _typing.{'ParamSpec' if name == 'P' else 'TypeVar'}({name!r})\n"
    at = max((found.end() for found in FUTURE.finditer(text)), default=0)
    return text[:at] + head + text[at:]


class Loader(importlib.machinery.SourceFileLoader):
    def source_to_code(self, data, path, *, _optimize=-1):
        try:
            return super().source_to_code(data, path)
        except SyntaxError:
            return super().source_to_code(without_type_parameters(bytes(data).decode()).encode(), path)


def read_newer_syntax():
    """On a Python that is older than LocalEmu's."""
    loaders = [
        (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES),
        (Loader, importlib.machinery.SOURCE_SUFFIXES),
        (importlib.machinery.SourcelessFileLoader, importlib.machinery.BYTECODE_SUFFIXES),
    ]
    kept = [hook for hook in sys.path_hooks if "FileFinder" not in repr(hook)]
    sys.path_hooks[:] = [*kept, importlib.machinery.FileFinder.path_hook(*loaders)]
    sys.path_importer_cache.clear()
    for module, name in ((warnings, "deprecated"), (typing, "override")):
        if not hasattr(module, name):
            setattr(module, name, getattr(typing_extensions, name))


def name_as_policies_do():
    """Actions and resources of Step Functions are those of `states`; a log stream is below its group."""
    from localemu.services.iam_enforcement import enforcer, service_action_map

    of_sdk = {"stepfunctions": "states"}
    map_action, build_resource_arn = service_action_map.map_action, enforcer.build_resource_arn
    service_action_map.map_action = lambda service, operation: map_action(of_sdk.get(service, service), operation)

    def resource(service, operation, request_params, **place):
        params = request_params or {}
        if service == "stepfunctions":
            return params.get("executionArn") or params.get("stateMachineArn") or "*"
        arn = build_resource_arn(service=service, operation=operation, request_params=request_params, **place)
        # What is written to a log group is written to a stream of it.
        return f"{arn}:log-stream:{params.get('logStreamName')}" if "logStreamName" in params else arn

    enforcer.build_resource_arn = resource


def tell_policies_of_keys():
    from localemu.services.iam_enforcement import enforcer

    build_conditions = enforcer._build_conditions

    def conditions(context, caller):
        found = build_conditions(context, caller)
        if context.service.service_name == "kms":
            encryption = (context.service_request or {}).get("EncryptionContext") or {}
            found |= {f"kms:EncryptionContext:{name}": value for name, value in encryption.items()}
            if service := context.request.headers.get("X-Via-Service"):
                found["kms:ViaService"] = service
        return found

    enforcer._build_conditions = conditions


def end_with_the_starter():
    sys.stdin.read()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=end_with_the_starter, daemon=True).start()
    if sys.version_info < (3, 13):
        read_newer_syntax()
    name_as_policies_do()
    tell_policies_of_keys()
    sys.argv = ["localemu"]
    runpy.run_module("localemu.runtime.main", run_name="__main__")
