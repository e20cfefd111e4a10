package flasksession

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/decant-go/decant"
)

// decodePickle reads a pickle of plain data, of the protocols 2 to 5. Pickles
// are programs that may call anything; this reader knows the few classes that
// are in globals, and refuses all others by name. Nothing is ever run.
func decodePickle(data []byte) (any, error) {
	budget := 8*len(data) + 1000
	u := &unpickler{data: data, memo: map[uint64]any{}, budget: budget}
	value, err := u.run()
	if err != nil {
		return nil, err
	}
	return (&freezer{budget}).value(value, 0)
}

// unpickler is the stack machine of Python's pickle module. Containers are
// nodes while it runs, because a pickle may fill them after they are used.
type unpickler struct {
	data  []byte
	stack []any
	marks []int
	memo  map[uint64]any
	// budget bounds the copies that classes make of their arguments, which the
	// memo can hand over again and again.
	budget int
}

type (
	listNode  struct{ items []any }
	tupleNode struct{ items []any }
	setNode   struct {
		items    []any
		isShared bool // with a list
	}
	dictNode   struct{ items []Item }
	uuidNode   struct{ uuid decant.UUID }
	globalNode struct{ name string } // "module name"
	zoneNode   struct{ offset time.Duration }
)

var (
	errPickleShort = errors.New("it ends too early")
	errPickleStack = errors.New("it takes more from the stack than is there")
	errRepeats     = errors.New("it repeats its parts too often")
)

// run executes the pickle up to its end. It does not look at the bytes that
// follow, as in Python.
func (u *unpickler) run() (any, error) {
	for {
		code, err := u.byte()
		if err != nil {
			return nil, err
		}
		if code == '.' {
			return u.pop()
		}
		if err := u.execute(code); err != nil {
			return nil, err
		}
	}
}

// The opcodes, in groups of their kind. The names are those of pickletools.
const (
	opProto, opFrame                                  = 0x80, 0x95
	opMark, opPop, opPopMark, opDup                   = '(', '0', '1', '2'
	opNone, opTrue, opFalse                           = 'N', 0x88, 0x89
	opInt4, opInt1, opInt2, opLong1, opLong4, opFloat = 'J', 'K', 'M', 0x8a, 0x8b, 'G'
	opString1, opString4                              = 'U', 'T'
	opUnicode1, opUnicode4, opUnicode8                = 0x8c, 'X', 0x8d
	opBytes1, opBytes4, opBytes8, opByteArray8        = 'C', 'B', 0x8e, 0x96
	opEmptyList, opAppend, opAppends, opList          = ']', 'a', 'e', 'l'
	opEmptyTuple, opTuple                             = ')', 't'
	opTuple1, opTuple2, opTuple3                      = 0x85, 0x86, 0x87
	opEmptyDict, opSetItem, opSetItems, opDict        = '}', 's', 'u', 'd'
	opEmptySet, opAddItems, opFrozenSet               = 0x8f, 0x90, 0x91
	opPut1, opPut4, opMemoize, opGet1, opGet4         = 'q', 'r', 0x94, 'h', 'j'
	opGlobal, opStackGlobal                           = 'c', 0x93
	opReduce, opNewObject, opBuild                    = 'R', 0x81, 'b'
)

func (u *unpickler) execute(code byte) error {
	switch code {
	case opProto:
		_, err := u.byte()
		return err
	case opFrame:
		_, err := u.take(8)
		return err
	case opMark:
		u.marks = append(u.marks, len(u.stack))
		return nil
	case opPop, opDup:
		value, err := u.pop()
		if err == nil && code == opDup {
			u.push(value)
			u.push(value)
		}
		return err
	case opPopMark:
		_, err := u.popMark()
		return err
	case opNone:
		u.push(nil)
	case opTrue, opFalse:
		u.push(code == opTrue)
	case opInt1, opInt2, opInt4, opLong1, opLong4, opFloat:
		return u.number(code)
	case opString1, opString4, opUnicode1, opUnicode4, opUnicode8, opBytes1, opBytes4, opBytes8, opByteArray8:
		return u.bytes(code)
	case opPut1, opPut4, opMemoize, opGet1, opGet4:
		return u.remember(code)
	case opGlobal, opStackGlobal, opReduce, opNewObject, opBuild:
		return u.object(code)
	default:
		return u.container(code)
	}
	return nil
}

func (u *unpickler) take(n uint64) ([]byte, error) {
	if n > uint64(len(u.data)) {
		return nil, errPickleShort
	}
	taken := u.data[:n]
	u.data = u.data[n:]
	return taken, nil
}

func (u *unpickler) byte() (byte, error) {
	taken, err := u.take(1)
	if err != nil {
		return 0, err
	}
	return taken[0], nil
}

// size reads a number of n bytes, the lowest first.
func (u *unpickler) size(n uint64) (uint64, error) {
	taken, err := u.take(n)
	if err != nil {
		return 0, err
	}
	var wide [8]byte
	copy(wide[:], taken)
	return binary.LittleEndian.Uint64(wide[:]), nil
}

func (u *unpickler) push(value any) { u.stack = append(u.stack, value) }

// pop does not reach below the last mark.
func (u *unpickler) pop() (any, error) {
	last := len(u.stack) - 1
	if last < 0 || len(u.marks) > 0 && last < u.marks[len(u.marks)-1] {
		return nil, errPickleStack
	}
	value := u.stack[last]
	u.stack = u.stack[:last]
	return value, nil
}

// popMark takes what is above the last mark.
func (u *unpickler) popMark() ([]any, error) {
	if len(u.marks) == 0 {
		return nil, errPickleStack
	}
	mark := u.marks[len(u.marks)-1]
	u.marks = u.marks[:len(u.marks)-1]
	items := slices.Clone(u.stack[mark:])
	u.stack = u.stack[:mark]
	return items, nil
}

func (u *unpickler) number(code byte) error {
	widths := map[byte]uint64{opInt1: 1, opInt2: 2, opInt4: 4, opLong1: 1, opLong4: 4, opFloat: 8}
	n, err := u.size(widths[code])
	if err != nil {
		return err
	}
	switch code {
	case opInt4:
		u.push(int(int32(n)))
	case opFloat:
		var wide [8]byte
		binary.LittleEndian.PutUint64(wide[:], n)
		u.push(math.Float64frombits(binary.BigEndian.Uint64(wide[:])))
	case opLong1, opLong4:
		digits, err := u.take(n)
		if err != nil {
			return err
		}
		u.push(twosComplement(digits))
	default:
		u.push(int(n))
	}
	return nil
}

// twosComplement reads a long, the lowest byte first.
func twosComplement(digits []byte) any {
	digits = slices.Clone(digits)
	slices.Reverse(digits)
	number := new(big.Int).SetBytes(digits)
	if len(digits) > 0 && digits[0] >= 0x80 {
		number.Sub(number, new(big.Int).Lsh(big.NewInt(1), uint(8*len(digits))))
	}
	return plainInt(number)
}

func (u *unpickler) bytes(code byte) error {
	widths := map[byte]uint64{opString1: 1, opString4: 4, opUnicode1: 1, opUnicode4: 4, opUnicode8: 8, opBytes1: 1, opBytes4: 4, opBytes8: 8, opByteArray8: 8}
	n, err := u.size(widths[code])
	if err != nil {
		return err
	}
	text, err := u.take(n)
	if err != nil {
		return err
	}
	switch code {
	case opBytes1, opBytes4, opBytes8, opByteArray8:
		u.push(bytes.Clone(text))
		return nil
	case opString1, opString4:
		if slices.ContainsFunc(text, func(char byte) bool { return char >= utf8.RuneSelf }) {
			return errors.New("it holds a string of Python 2 that is not ASCII")
		}
	}
	if !utf8.Valid(text) {
		return errNotUTF8
	}
	u.push(string(text))
	return nil
}

// remember keeps a value under a number, or fetches it.
func (u *unpickler) remember(code byte) (err error) {
	key := uint64(len(u.memo)) // of opMemoize
	switch code {
	case opPut1, opGet1:
		key, err = u.size(1)
	case opPut4, opGet4:
		key, err = u.size(4)
	}
	if err != nil {
		return err
	}
	if code == opGet1 || code == opGet4 {
		value, ok := u.memo[key]
		if !ok {
			return fmt.Errorf("it fetches the value %d, which it has not kept", key)
		}
		u.push(value)
		return nil
	}
	value, err := u.pop()
	if err != nil {
		return err
	}
	u.push(value)
	u.memo[key] = value
	return nil
}

func (u *unpickler) container(code byte) error {
	switch code {
	case opEmptyList:
		u.push(new(listNode))
	case opEmptyTuple:
		u.push(new(tupleNode))
	case opEmptyDict:
		u.push(new(dictNode))
	case opEmptySet:
		u.push(new(setNode))
	case opTuple1, opTuple2, opTuple3:
		return u.shortTuple(int(code-opTuple1) + 1)
	case opList, opTuple, opFrozenSet, opDict:
		return u.gather(code)
	case opAppend, opAppends, opAddItems, opSetItem, opSetItems:
		return u.fill(code)
	default:
		return fmt.Errorf("the opcode %q is not one of plain data in the protocols 2 to 5", code)
	}
	return nil
}

func (u *unpickler) shortTuple(length int) error {
	items := make([]any, length)
	for i := range slices.Backward(items) {
		var err error
		if items[i], err = u.pop(); err != nil {
			return err
		}
	}
	u.push(&tupleNode{items})
	return nil
}

// gather makes a container of what is above the mark.
func (u *unpickler) gather(code byte) error {
	items, err := u.popMark()
	if err != nil {
		return err
	}
	switch code {
	case opList:
		u.push(&listNode{items})
	case opTuple:
		u.push(&tupleNode{items})
	case opFrozenSet:
		u.push(&setNode{items: items})
	default:
		dict := new(dictNode)
		u.push(dict)
		return dict.add(items)
	}
	return nil
}

// fill adds to the container below.
func (u *unpickler) fill(code byte) (err error) {
	var items []any
	switch code {
	case opAppend, opSetItem:
		items = make([]any, 1+btoi(code == opSetItem))
		for i := range slices.Backward(items) {
			if items[i], err = u.pop(); err != nil {
				return err
			}
		}
	default:
		if items, err = u.popMark(); err != nil {
			return err
		}
	}
	target, err := u.pop()
	if err != nil {
		return err
	}
	u.push(target)
	isDict := code == opSetItem || code == opSetItems
	switch target := target.(type) {
	case *listNode:
		if !isDict && code != opAddItems {
			target.items = append(target.items, items...)
			return nil
		}
	case *setNode:
		if code == opAddItems && !target.isShared {
			target.items = append(target.items, items...)
			return nil
		}
	case *dictNode:
		if isDict {
			return target.add(items)
		}
	}
	return fmt.Errorf("it adds items to a %s", describe(target))
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// add takes keys and values in turn.
func (d *dictNode) add(items []any) error {
	if len(items)%2 != 0 {
		return errors.New("a dict has a key without a value")
	}
	for i := 0; i < len(items); i += 2 {
		d.items = append(d.items, Item{items[i], items[i+1]})
	}
	return nil
}

// describe names what a pickle holds.
func describe(value any) string {
	switch value := value.(type) {
	case *listNode:
		return "list"
	case *tupleNode:
		return "tuple"
	case *setNode:
		return "set"
	case *dictNode:
		return "dict"
	case *globalNode:
		return "class " + value.name
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", value), "*flasksession.")
}

// object handles classes and what is made of them.
func (u *unpickler) object(code byte) error {
	switch code {
	case opGlobal:
		return u.globalLines()
	case opBuild:
		return u.build()
	}
	second, err := u.pop()
	if err != nil {
		return err
	}
	first, err := u.pop()
	if err != nil {
		return err
	}
	if code == opStackGlobal {
		module, _ := first.(string)
		name, _ := second.(string)
		return u.pushGlobal(module, name)
	}
	class, isClass := first.(*globalNode)
	arguments, isTuple := second.(*tupleNode)
	if !isClass || !isTuple {
		return fmt.Errorf("it calls a %s", describe(first))
	}
	if err := u.spend(arguments.items); err != nil {
		return err
	}
	value, err := construct(class.name, arguments.items)
	if err != nil {
		return err
	}
	u.push(value)
	return nil
}

// spend pays for what a class may copy of its arguments.
func (u *unpickler) spend(arguments []any) error {
	for _, argument := range arguments {
		switch argument := argument.(type) {
		case string:
			u.budget -= len(argument)
		case []byte:
			u.budget -= len(argument)
		}
	}
	if u.budget < 0 {
		return errRepeats
	}
	return nil
}

// globalLines reads the module and the name of a class, each on a line.
func (u *unpickler) globalLines() error {
	module, rest, found := bytes.Cut(u.data, []byte("\n"))
	name, rest, alsoFound := bytes.Cut(rest, []byte("\n"))
	if !found || !alsoFound {
		return errPickleShort
	}
	u.data = rest
	return u.pushGlobal(string(module), string(name))
}

// globals are the classes and functions that plain data is made of.
var globals = map[string]func(arguments []any) (any, error){
	"builtins set":            constructSet,
	"__builtin__ set":         constructSet,
	"builtins frozenset":      constructSet,
	"__builtin__ frozenset":   constructSet,
	"builtins bytearray":      constructBytes,
	"__builtin__ bytearray":   constructBytes,
	"builtins bytes":          constructBytes,
	"__builtin__ bytes":       constructBytes,
	"_codecs encode":          constructEncoded,
	"collections OrderedDict": constructDict,
	"datetime datetime":       constructDatetime,
	"datetime date":           constructDate,
	"datetime timedelta":      constructDuration,
	"datetime timezone":       constructZone,
	"pytz _UTC":               constructZone,
	"decimal Decimal":         constructDecimal,
	"uuid UUID":               constructUUID,
	"markupsafe Markup":       constructMarkup,
}

func (u *unpickler) pushGlobal(module, name string) error {
	full := module + " " + name
	if _, ok := globals[full]; !ok {
		return fmt.Errorf("it holds a %s.%s, which only Python can read; keep plain data in the session, such as the id of the object", safeName(module), safeName(name))
	}
	u.push(&globalNode{full})
	return nil
}

// safeName keeps what a pickle says short and printable.
func safeName(name string) string {
	const longest = 100
	quoted := strconv.Quote(name[:min(len(name), longest)])
	return quoted[1 : len(quoted)-1]
}

// build sets the state of an object that was just made, which only UUIDs have.
func (u *unpickler) build() error {
	state, err := u.pop()
	if err != nil {
		return err
	}
	object, err := u.pop()
	if err != nil {
		return err
	}
	u.push(object)
	node, isUUID := object.(*uuidNode)
	dict, isDict := state.(*dictNode)
	if !isUUID || !isDict {
		return fmt.Errorf("it sets the state of a %s", describe(object))
	}
	for _, item := range dict.items {
		if item.Key == "int" {
			return node.setNumber(item.Value)
		}
	}
	return errors.New("a UUID has no number")
}

func (n *uuidNode) setNumber(value any) error {
	var number *big.Int
	switch value := value.(type) {
	case int:
		number = big.NewInt(int64(value))
	case *big.Int:
		number = value
	}
	if number == nil || number.Sign() < 0 || number.BitLen() > 8*len(n.uuid) {
		return errors.New("a UUID has no number of 128 bits")
	}
	number.FillBytes(n.uuid[:])
	return nil
}

func construct(name string, arguments []any) (any, error) {
	value, err := globals[name](arguments)
	if err != nil {
		return nil, fmt.Errorf("a %s cannot be read: %w", strings.ReplaceAll(name, " ", "."), err)
	}
	return value, nil
}

var errArguments = errors.New("its arguments are not those that Python writes")

func constructSet(arguments []any) (any, error) {
	if len(arguments) == 0 {
		return new(setNode), nil
	}
	list, ok := arguments[0].(*listNode)
	if !ok {
		return nil, errArguments
	}
	return &setNode{list.items, true}, nil
}

// constructBytes reads bytes() and bytearray(…), whose argument is bytes, or
// text with the name of an encoding.
func constructBytes(arguments []any) (any, error) {
	if len(arguments) == 0 {
		return []byte{}, nil
	}
	if data, ok := arguments[0].([]byte); ok {
		return data, nil
	}
	return constructEncoded(arguments)
}

// constructEncoded reads _codecs.encode("…", "latin1"), which is how the
// protocols before 3 write bytes.
func constructEncoded(arguments []any) (any, error) {
	if len(arguments) != 2 {
		return nil, errArguments
	}
	text, isText := arguments[0].(string)
	encoding, _ := arguments[1].(string)
	if !isText || encoding != "latin1" && encoding != "latin-1" {
		return nil, errArguments
	}
	data := make([]byte, 0, len(text))
	for _, char := range text {
		if char > 0xff {
			return nil, errArguments
		}
		data = append(data, byte(char))
	}
	return data, nil
}

func constructDict(arguments []any) (any, error) {
	if len(arguments) > 0 {
		return nil, errArguments
	}
	return new(dictNode), nil
}

// packed returns the bytes into which the datetime module packs its values.
func packed(argument any, length int) ([]byte, error) {
	data, ok := argument.([]byte)
	if !ok || len(data) != length {
		return nil, errArguments
	}
	return data, nil
}

func constructDatetime(arguments []any) (any, error) {
	if len(arguments) == 0 || len(arguments) > 2 {
		return nil, errArguments
	}
	data, err := packed(arguments[0], 10)
	if err != nil {
		return nil, err
	}
	micros := int(data[7])<<16 | int(data[8])<<8 | int(data[9])
	month := data[2] & 0x7f // the highest bit tells the second of two equal hours
	date := func(zone *time.Location) time.Time {
		return time.Date(int(data[0])<<8|int(data[1]), time.Month(month), int(data[3]), int(data[4]), int(data[5]), int(data[6]), micros*1000, zone)
	}
	if len(arguments) == 1 {
		return NaiveTime{date(time.UTC)}, nil
	}
	zone, ok := arguments[1].(*zoneNode)
	if !ok {
		return nil, errArguments
	}
	if zone.offset == 0 {
		return date(time.UTC), nil
	}
	return date(time.FixedZone("", int(zone.offset/time.Second))), nil
}

func constructDate(arguments []any) (any, error) {
	if len(arguments) != 1 {
		return nil, errArguments
	}
	data, err := packed(arguments[0], 4)
	if err != nil {
		return nil, err
	}
	return Date{int(data[0])<<8 | int(data[1]), time.Month(data[2]), int(data[3])}, nil
}

// constructDuration reads days, seconds and microseconds.
func constructDuration(arguments []any) (any, error) {
	var total time.Duration
	units := []time.Duration{24 * time.Hour, time.Second, time.Microsecond}
	if len(arguments) > len(units) {
		return nil, errArguments
	}
	for i, argument := range arguments {
		count, ok := argument.(int)
		most := int(math.MaxInt64 / units[i])
		if !ok || count > most || count < -most {
			return nil, errTooLong
		}
		part := time.Duration(count) * units[i]
		if sum := total + part; (sum < total) == (part < 0) {
			total = sum
			continue
		}
		return nil, errTooLong // the sum has overflowed
	}
	return total, nil
}

var errTooLong = errors.New("it is longer than a time.Duration can be, which is 292 years; keep the number of days in the session instead")

func constructZone(arguments []any) (any, error) {
	if len(arguments) == 0 {
		return new(zoneNode), nil
	}
	offset, ok := arguments[0].(time.Duration)
	if !ok || offset <= -24*time.Hour || offset >= 24*time.Hour {
		return nil, errArguments
	}
	return &zoneNode{offset}, nil
}

func constructDecimal(arguments []any) (any, error) {
	if len(arguments) != 1 {
		return nil, errArguments
	}
	text, ok := arguments[0].(string)
	if !ok {
		return nil, errArguments
	}
	return Decimal(text), nil
}

func constructMarkup(arguments []any) (any, error) {
	if len(arguments) != 1 {
		return nil, errArguments
	}
	text, ok := arguments[0].(string)
	if !ok {
		return nil, errArguments
	}
	return decant.Markup(text), nil
}

// constructUUID reads a UUID that gets its number later, or one of its text.
func constructUUID(arguments []any) (any, error) {
	node := new(uuidNode)
	if len(arguments) == 0 {
		return node, nil
	}
	text, ok := arguments[0].(string)
	if len(arguments) != 1 || !ok || len(text) > len("12345678-1234-5678-1234-567812345678") {
		return nil, errArguments
	}
	number, isHex := new(big.Int).SetString(strings.ReplaceAll(text, "-", ""), 16)
	if !isHex {
		return nil, errArguments
	}
	return node, node.setNumber(number)
}

// freezer turns nodes into values. A pickle may name one node many times, and
// even inside itself; a budget keeps what comes out in proportion.
type freezer struct{ budget int }

func (f *freezer) value(node any, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	if f.budget--; f.budget < 0 {
		return nil, errRepeats
	}
	switch node := node.(type) {
	case *listNode:
		return f.items(node.items, depth)
	case *tupleNode:
		items, err := f.items(node.items, depth)
		return decant.Tuple(items), err
	case *setNode:
		items, err := f.items(node.items, depth)
		return Set(items), err
	case *dictNode:
		return f.dict(node, depth)
	case *uuidNode:
		return node.uuid, nil
	case *globalNode, *zoneNode:
		return nil, fmt.Errorf("it holds a %s, which is not data", describe(node))
	}
	return node, nil
}

func (f *freezer) items(nodes []any, depth int) ([]any, error) {
	items := make([]any, len(nodes))
	for i, node := range nodes {
		var err error
		if items[i], err = f.value(node, depth+1); err != nil {
			return nil, err
		}
	}
	return items, nil
}

func (f *freezer) dict(node *dictNode, depth int) (any, error) {
	dict := newEntries()
	for _, item := range node.items {
		key, err := f.value(item.Key, depth+1)
		if err != nil {
			return nil, err
		}
		value, err := f.value(item.Value, depth+1)
		if err != nil {
			return nil, err
		}
		if err := dict.set(key, value); err != nil {
			return nil, err
		}
	}
	return dict.value(), nil
}
