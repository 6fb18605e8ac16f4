"""Forty hostile submissions of `heads`: each is code in a cell, beside right answers or none.

What they try is what learners could try: to be marked right without being right, to reach what is
not theirs, to use up what all share, or to end the marker. `PRELUDE` stands in a cell before each.
"""

PRELUDE = """\
SECRET, OUTSIDE, PORT = {secret!r}, {outside!r}, {port}  # what is to be read, written, called
loot = []  # what has been got
def attempt(what):
    try: return what()
    except Exception as error: return repr(error)
"""

TARGETS = "count, written_by, with_means, narrow_head, attend_in_heads, fewest_heads"
ALL = " = ".join(TARGETS.split(", "))

CHEATING = {
    "patch the marker": (
        "import attnlab.exercises as e, attnlab.exercises.marking as m\n"
        "e.grade = m.grade = lambda n, ns: m.Result(n, 'passed', 'hi')\n"
        "import numpy as np\nnp.allclose = np.isclose = np.array_equal = lambda *a, **k: True"
    ),
    "look up the stack": (
        "import sys\ndef cheat(*a, **k):\n    f = sys._getframe(1)\n    while f:\n"
        "        if 'right' in f.f_locals: return f.f_locals['right']\n        f = f.f_back\n"
        f"{ALL} = cheat"
    ),
    "equal to everything": (
        "class Yes:\n    __eq__ = __le__ = __ge__ = lambda s, o: True\n"
        "    __ne__ = lambda s, o: False\n    __hash__ = lambda s: 0\n"
        "    def __array_function__(s, f, t, a, k): return True\n"
        "    def __array_ufunc__(s, *a, **k): return True\n"
        "    def lower(s): return 'c'\n    strip = lower\n    __str__ = lambda s: 'c'\n"
        f"{ALL} = lambda *a, **k: Yes()\nwhat_to_write = Yes()"
    ),
    "patch builtins": (
        "import builtins\nbuiltins.abs = lambda x: 0\nbuiltins.all = lambda x: True\n"
        "builtins.any = lambda x: False\nbuiltins.max = lambda *a, **k: 0\n"
        f"{ALL} = lambda *a, **k: 0"
    ),
    "forge an answer": (
        "import os, json, struct\n"
        "h = json.dumps([{'k': 'value', 'v': {'t': 'str', 'v': 'c'}}, []]).encode()\n"
        "for fd in range(3, 64):\n    try: os.write(fd, (struct.pack('<II', len(h), 0) + h) * 20)\n"
        "    except OSError: pass"
    ),
    "patch the other side": (
        "import attnclass.border.learner as l\n"
        "l.encode = lambda v, b, d=0: {'t': 'opaque', 'v': 'Result'}\n"
        "l._raised = lambda e: {'k': 'passed'}\n"
        f"{ALL} = lambda *a, **k: 1"
    ),
    "a pickle in the answer": (
        "import os, pickle\nclass Bomb:\n"
        "    def __reduce__(s): return os.system, ('touch /tmp/escaped',)\n"
        "    def __array__(s, *a, **k): os.system('touch /tmp/escaped')\n"
        f"{ALL} = lambda *a, **k: Bomb()"
    ),
    "unseen letters": "what_to_write = 'c\\u200b'\nсount = lambda d, h, n: (4 * d * d, h * n * n)",
    "subclasses that lie": (
        "class Seven(int):\n    def __int__(s): return 7\n    def __index__(s): return 7\n"
        "    def __hex__(s): return 'x'\nclass Text(str):\n    def __str__(s): return 'c'\n"
        "count = lambda *a: (Seven(3), Seven(4))\nwhat_to_write = Text('a')"
    ),
    "reach through the widget": (
        "def fewest_heads(w, share):\n    for name in ('__class__', '_comm', 'comm', 'observe',\n"
        "                 'send', 'layout', 'traits', 'class_traits', '__dict__', '_esm'):\n"
        "        try: return getattr(w, name)\n        except Exception: pass\n"
        "    object.__setattr__(w, '_handle', 10**9)\n    return w.right"
    ),
}
REACHING = {
    "read files": (
        "import glob, os\nloot.append(repr(glob.glob('/tmp/*') + glob.glob('/root/*')))\n"
        "for place in (SECRET, '/etc/shadow', '/root/.ssh/id_rsa', '/proc/1/environ'):\n"
        "    loot.append(attempt(lambda: open(place).read()))"
    ),
    "read by descriptors": (
        "import os\nfor fd in range(64):\n"
        "    loot.append(attempt(lambda: os.readlink(f'/proc/self/fd/{fd}')))"
    ),
    "read other processes": (
        "import os\nfor p in attempt(lambda: os.listdir('/proc')) or ():\n"
        "    if str(p).isdigit():\n"
        "        loot.append(attempt(lambda: open(f'/proc/{p}/environ').read()))"
    ),
    "trace a process": (
        "import ctypes, os\nlibc = ctypes.CDLL(None)\nfor p in [os.getppid(), *range(1, 8)]:\n"
        "    if libc.ptrace(16, p, 0, 0) == 0: loot.append('ESCAPED: traced')"
    ),
    "the network": (
        "import socket\ndef connect():\n"
        "    socket.create_connection(('127.0.0.1', PORT), 2).sendall(b'hello')\n"
        "    return 'ESCAPED: connected'\nloot.append(attempt(connect))"
    ),
    "datagrams": (
        "import socket\ndef send():\n    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "    s.sendto(b'hello', ('127.0.0.1', PORT))\n    return 'ESCAPED: sent'\n"
        "loot.append(attempt(send))"
    ),
    "kill others": (
        "import os\nfor p in [os.getppid(), *range(1, 5)]:\n"
        "    if p not in (0, os.getpid()):\n"
        "        loot.append(attempt(lambda: os.kill(p, 9) or f'killed {p}'))"
    ),
    "preload": (
        "import os\nos.environ['LD_PRELOAD'] = '/tmp/evil.so'\n"
        "os.environ['PYTHONSTARTUP'] = '/tmp/evil.py'\nfor name in ('site', 'user'):\n"
        "    attempt(lambda: open(f'/tmp/{name}customize.py', 'w').write('import os; os.abort()'))"
    ),
    "write outside": (
        "import os\nfor place in (OUTSIDE, '/usr', '/root', os.path.dirname(os.__file__)):\n"
        "    attempt(lambda: open(os.path.join(place, 'escaped'), 'w').write('x'))\n"
        "    attempt(lambda: os.symlink('/etc/passwd', os.path.join(place, 'link')))"
    ),
    "become root": (
        "import os\nfor f, a in ((os.setuid, (0,)), (os.setresuid, (0, 0, 0)),\n"
        "             (os.setgroups, ([0],)), (os.chroot, ('/',))):\n    attempt(lambda: f(*a))\n"
        "if os.getuid() == 0: loot.append('ESCAPED: root')"
    ),
    "new namespaces": (
        "import ctypes\nif ctypes.CDLL(None).unshare(0x10000000) == 0:\n"
        "    loot.append('ESCAPED: unshared')"
    ),
    "start a program": (
        "import subprocess\n"
        "loot.append(attempt(lambda: 'ESCAPED: ' + subprocess.run(['/bin/true']).args[0]))"
    ),
    "kill everybody": "import os\nos.kill(-1, 9)",
    "kill the group": "import os\nos.killpg(0, 9)",
}
USING_UP = {
    "a loop": "while True: pass",
    "sleep": "import time; time.sleep(10_000)",
    "memory": "x = [bytearray(1 << 28) for _ in range(400)]",
    "forks": (
        "import os, time\nfor i in range(400):\n"
        "    if os.fork() == 0:\n        time.sleep(60)\n        os._exit(0)"
    ),
    "output": "for i in range(300_000): print('x' * 1000)",
    "disk": ("for i in range(200): open(f'/tmp/f{i}', 'wb').write(b'0' * (32 << 20))"),
    "a large answer": "import numpy as np\ncount = lambda *a: np.zeros(1 << 28)",
    "a deep answer": (
        "x = []\nfor i in range(10**5): x = [x]\ncount = lambda *a: x\n"
        "what_to_write = {'a': [[['c'] * 1000] * 1000] * 10}"
    ),
    "calls without end": ("def fewest_heads(w, share):\n    while True: w.right"),
    "stop yourself": "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
    "threads that outlive": (
        "import threading, time\nfor i in range(1000):\n"
        "    threading.Thread(target=time.sleep, args=(1000,)).start()"
    ),
    "a bomb for the end": (
        "import time\nclass Bomb:\n    def __del__(s): time.sleep(1000)\nbomb = Bomb()\n"
        "count = lambda *a: Bomb()"
    ),
}
ENDING = {
    "exit": "import os; os._exit(0)",
    "raise SystemExit": "raise SystemExit(0)",
    "segfault": "import ctypes; ctypes.string_at(0)",
    "recursion": "import sys; sys.setrecursionlimit(10**9)\ndef f(): f()\nf()",
    "garbage on descriptors": (
        "import os\nfor fd in range(3, 64):\n    try: os.write(fd, b'\\xff' * 4096)\n"
        "    except OSError: pass"
    ),
}
ATTACKS = CHEATING | REACHING | USING_UP | ENDING
