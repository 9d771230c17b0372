/* setns, unshare, mount and umount2 for Python 3.11, which has no os.setns; nothing else lives here.
 *
 * How it works: each function parses its arguments, gives up the GIL, makes one system call and turns
 * errno into OSError (with the path as `filename` for mount and umount2). Only the stable ABI of 3.11
 * is used, so one file serves 3.11 and everything after it. The extension is optional: netwright.kernel.syscalls
 * falls back to ctypes, which costs 2-4 ms more at start-up and does the same.
 *
 * The GIL is given up because setns and mount can wait for kernel locks (namespace_sem, rtnl) for milliseconds.
 * setns and unshare act on the calling thread, and giving up the GIL does not change which thread that is.
 */

#define _GNU_SOURCE
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <errno.h>
#include <sched.h>
#include <sys/mount.h>

static PyObject *failed_at(const char *path)
{
    int error = errno;
    PyObject *filename = PyUnicode_DecodeFSDefault(path);
    if (filename == NULL)
        return NULL;
    errno = error;
    PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, filename);
    Py_DECREF(filename);
    return NULL;
}

/* An "O&" converter: bytes without a NUL inside, or None for a null pointer. */
static int bytes_or_none(PyObject *object, void *address)
{
    char **text = address;
    *text = NULL;
    return object == Py_None || PyBytes_AsStringAndSize(object, text, NULL) == 0;
}

static PyObject *call_setns(PyObject *self, PyObject *args)
{
    int fd, nstype, result;
    if (!PyArg_ParseTuple(args, "ii:setns", &fd, &nstype))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    result = setns(fd, nstype);
    Py_END_ALLOW_THREADS
    if (result < 0)
        return PyErr_SetFromErrno(PyExc_OSError);
    Py_RETURN_NONE;
}

static PyObject *call_unshare(PyObject *self, PyObject *args)
{
    int flags, result;
    if (!PyArg_ParseTuple(args, "i:unshare", &flags))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    result = unshare(flags);
    Py_END_ALLOW_THREADS
    if (result < 0)
        return PyErr_SetFromErrno(PyExc_OSError);
    Py_RETURN_NONE;
}

static PyObject *call_mount(PyObject *self, PyObject *args)
{
    const char *source, *target, *fstype, *data;
    unsigned long flags;
    int result;
    if (!PyArg_ParseTuple(args, "O&yO&kO&:mount", bytes_or_none, &source, &target, bytes_or_none, &fstype, &flags,
                          bytes_or_none, &data))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    result = mount(source, target, fstype, flags, data);
    Py_END_ALLOW_THREADS
    if (result < 0)
        return failed_at(target);
    Py_RETURN_NONE;
}

static PyObject *call_umount2(PyObject *self, PyObject *args)
{
    const char *target;
    int flags, result;
    if (!PyArg_ParseTuple(args, "yi:umount2", &target, &flags))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    result = umount2(target, flags);
    Py_END_ALLOW_THREADS
    if (result < 0)
        return failed_at(target);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"setns", call_setns, METH_VARARGS, "setns(fd, nstype): setns(2) for the calling thread."},
    {"unshare", call_unshare, METH_VARARGS, "unshare(flags): unshare(2) for the calling thread."},
    {"mount", call_mount, METH_VARARGS, "mount(source, target, fstype, flags, data): mount(2)."},
    {"umount2", call_umount2, METH_VARARGS, "umount2(target, flags): umount2(2)."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {{0, NULL}};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_syscalls",
    .m_doc = "setns, unshare, mount and umount2, for Python versions without them.",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__syscalls(void)
{
    return PyModuleDef_Init(&module);
}
