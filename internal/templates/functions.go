package templates

import (
	"context"
	"errors"
	"fmt"
	"reflect"
)

// IsFunction reports whether a value is a function, nil or not.
func IsFunction(value any) bool {
	t := reflect.TypeOf(value)
	return t != nil && t.Kind() == reflect.Func
}

// CheckFunction returns an error if templates cannot call a function. They call
// functions that return a result, or a result and an error.
func CheckFunction(function any) error {
	if !IsFunction(function) {
		return fmt.Errorf("it is a %T", function)
	}
	t := reflect.TypeOf(function)
	switch {
	case reflect.ValueOf(function).IsNil():
		return errors.New("it is nil")
	case t.NumOut() == 0:
		return errors.New("it returns nothing")
	case t.NumOut() > 2 || t.NumOut() == 2 && t.Out(1) != reflect.TypeFor[error]():
		return fmt.Errorf("it returns more than a result and an error: %v", t)
	}
	return nil
}

// CheckFilter returns an error if templates cannot call a function, or cannot
// pass it the value to filter.
func CheckFilter(function any) error {
	if err := CheckFunction(function); err != nil {
		return err
	}
	t := reflect.TypeOf(function)
	if t.NumIn() == 0 || t.NumIn() == 1 && TakesContext(t) {
		return errors.New("it takes no value")
	}
	return nil
}

// CheckTest returns an error if a function is not a filter that returns a bool.
func CheckTest(function any) error {
	if err := CheckFilter(function); err != nil {
		return err
	}
	if reflect.TypeOf(function).Out(0).Kind() != reflect.Bool {
		return errors.New("its result is no bool")
	}
	return nil
}

// TakesContext reports whether the first parameter of a function is the context
// of the render.
func TakesContext(function reflect.Type) bool {
	return function.NumIn() > 0 && function.In(0).Implements(reflect.TypeFor[context.Context]())
}
