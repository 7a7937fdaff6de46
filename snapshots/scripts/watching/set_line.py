"""Setting a frame's line from a trace function, and where that is refused."""
import sys
import warnings

warnings.simplefilter("ignore")


def mk(first, second, where='line', fn=None):
    done=[]
    def tr(fr, ev, arg):
        if fr.f_code.co_name!='f': return None
        print(ev, fr.f_lineno-fr.f_code.co_firstlineno)
        if not done and ev==where and fr.f_lineno-fr.f_code.co_firstlineno==first:
            done.append(1)
            try: fr.f_lineno=fr.f_code.co_firstlineno+second
            except BaseException as e: print(type(e), e)
        return tr
    return tr
def run(src, *a, **k):
    ns={}
    exec(src, ns)
    sys.settrace(mk(*a, **k))
    try:
        r=ns['f']()
        if hasattr(r,'__next__'): list(r)
    except BaseException as e: print('!',type(e),e)
    sys.settrace(None)
    print('--')
run('''def f():
  a=1
  b=2
  c=3
  print(a)
''',1,3)
run('''def f():
  a=1
  b=2
  c=3
  print(a)
''',0,3,'call')
run('''def f():
  a=1
  b=2
''',2,1,'return')
run('''def f():
  a=1
  yield 2
  b=3
''',2,1,'return')
run('''def f():
  a=1
  for i in 1,2:
    b=2
  c=3
''',1,3)
run('''def f():
  a=1
  for i in 1,2:
    b=2
  c=3
''',3,4)
run('''def f():
  a=1
  with open('/dev/null'):
    b=2
  c=3
''',1,3)
run('''def f():
  a=1
  try: 
    1/0
  except ZeroDivisionError:
    b=2
  c=3
''',1,5)
run('''def f():
  a=1
  try: 
    1/0
  except ZeroDivisionError:
    b=2
  c=3
''',5,6)
run('''def f():
  a=1
  try: 
    1/0
  finally:
    b=2
  c=3
''',1,5)
run('''def f():
  a=1
  try: 
    1/0
  except: pass
''',3,1, 'exception')
run('''def f():
  a=1
''',1,5)
run('''def f():
  a=1
''',1,-5)
